import { HearthError } from './core/errors.ts'

export interface ServedPlatform {
  /** As people call it. */
  readonly name: string
  /** Until the signal comes. */
  serve(life: AbortSignal): Promise<void>
}

/**
 * Serves platforms beside each other, until the signal comes. What is set up wrong stops one of them, and
 * `refuse` is told; where it is wrong everywhere, the last one throws. Whatever else ends one of them ends all.
 */
export async function serveAll(
  platforms: readonly ServedPlatform[],
  refuse: (name: string, error: HearthError) => void,
  signal: AbortSignal,
): Promise<void> {
  const failing = new AbortController()
  const life = AbortSignal.any([signal, failing.signal])
  let refused = 0
  const serving = platforms.map(async ({ name, serve }) => {
    try {
      await serve(life)
    } catch (error) {
      const isSetUpWrong = error instanceof HearthError && !error.retryable
      if (isSetUpWrong && ++refused < platforms.length) return refuse(name, error)
      failing.abort(error)
      throw error
    }
  })
  await Promise.allSettled(serving)
  await Promise.all(serving)
}
