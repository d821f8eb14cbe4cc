/** Looks again whenever something has changed. */
export function until<T>(
  waiting: Set<() => void>,
  look: () => T | undefined | false,
  timeoutMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer)
      waiting.delete(check)
    }
    const check = (): void => {
      try {
        const found = look()
        if (found === undefined || found === false) return
        finish()
        resolve(found)
      } catch (error) {
        finish()
        reject(error)
      }
    }
    const timer = setTimeout(() => {
      finish()
      reject(new Error(`Nothing of the kind within ${timeoutMs} ms: ${look}`))
    }, timeoutMs)
    waiting.add(check)
    check()
  })
}
