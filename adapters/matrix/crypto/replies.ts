/** Questions that were put to another thread, by number. */
export interface Replies<T> {
  expect(): { readonly id: number; readonly reply: Promise<T> }
  resolve(id: number, value: T): void
  reject(id: number, error: Error): void
  /** Whoever still waits. */
  rejectAll(error: Error): void
}

export function createReplies<T>(): Replies<T> {
  const open = new Map<number, { resolve(value: T): void; reject(error: Error): void }>()
  let last = 0
  const take = (id: number) => {
    const one = open.get(id)
    open.delete(id)
    return one
  }
  return {
    expect() {
      const id = ++last
      const reply = new Promise<T>((resolve, reject) => open.set(id, { resolve, reject }))
      return { id, reply }
    },
    resolve: (id, value) => take(id)?.resolve(value),
    reject: (id, error) => take(id)?.reject(error),
    rejectAll(error) {
      for (const id of [...open.keys()]) take(id)?.reject(error)
    },
  }
}
