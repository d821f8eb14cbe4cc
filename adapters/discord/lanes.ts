import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError } from '../../src/core/errors.ts'
import type { TellNews } from './news.ts'

const triesMost = 3
const retry = { firstMs: 250, mostMs: 30_000 }

/**
 * What comes in one channel is taken in its order, one after the other, and channels do not wait for each
 * other. What cannot be taken is tried again: for ever where that passes, such as a database that is away;
 * else three times, and then it is passed over, since it must not hold up what comes after it.
 */
export interface Lanes {
  run(channel: string, work: () => Promise<void>): void
  /** The same for a part of what is under way, which must not hold up the rest of it. */
  persist(work: () => Promise<void>): Promise<void>
  /** Resolves when all that is under way has ended. */
  settled(): Promise<void>
}

export function createLanes(tell: TellNews, signal: AbortSignal): Lanes {
  const lanes = new Map<string, Promise<void>>()

  async function persist(work: () => Promise<void>): Promise<void> {
    let troubled = false
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        await work()
        if (troubled) tell({ kind: 'answering' })
        return
      } catch (error) {
        if (signal.aborted) return
        const passes = error instanceof HearthError && error.retryable
        if (!passes && tries >= triesMost) return tell({ kind: 'passed-over', error })
        if (passes) {
          troubled = true
          tell({ kind: 'troubled', error })
        }
        const waitMs = Math.min(retry.firstMs * 2 ** (tries - 1), retry.mostMs)
        await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  return {
    persist,
    run(channel, work) {
      const before = lanes.get(channel) ?? Promise.resolve()
      const now = before.then(() => persist(work))
      lanes.set(channel, now)
      void now.then(() => {
        if (lanes.get(channel) === now) lanes.delete(channel)
      })
    },
    async settled() {
      while (lanes.size > 0) await Promise.all(lanes.values())
    },
  }
}
