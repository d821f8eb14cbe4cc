import { HearthError, isAbort } from '../../src/core/errors.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import type { TellNews } from './news.ts'

const failuresKept = 1_000
const triesMost = 3

/** Does work on what a homeserver brought. What fails of itself, and fails again each time, is passed over. */
export type OrPassOver = (what: string, work: () => Promise<void>) => Promise<void>

/**
 * What somebody sent must not hold up for ever what comes after it, or other rooms: after three tries it is
 * told as `passed-over`. What passes by itself, such as a database that is away, is thrown each time.
 */
export function createPassOver(tell: TellNews): OrPassOver {
  const failures = new LruMap<string, number>(failuresKept)
  return async (what, work) => {
    try {
      await work()
      // Only what fails each time fails of itself.
      failures.delete(what)
    } catch (error) {
      const passes = error instanceof HearthError && (error.retryable || error.code === 'matrix-signed-out')
      if (isAbort(error) || passes) throw error
      const tries = (failures.get(what) ?? 0) + 1
      failures.set(what, tries)
      if (tries < triesMost) throw error
      tell({ kind: 'passed-over', error })
    }
  }
}
