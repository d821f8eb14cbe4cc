import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError } from '../../src/core/errors.ts'
import type { TellNews } from './news.ts'

const triesMost = 3
const retry = { firstMs: 250, mostMs: 30_000 }
/** Of what the gateway has told and nobody has taken yet, such as while the database is away. */
const keptMost = { events: 1_000, bytes: 8 * 2 ** 20 }

/**
 * What comes in one channel is taken in its order, one after the other, and channels do not wait for each
 * other. What cannot be taken is tried again: for ever where that passes, such as a database that is away;
 * else three times, and then it is passed over, since it must not hold up what comes after it.
 */
export interface Lanes {
  /** `told`: what the gateway has told, which is kept until then. */
  run(channel: string, work: () => Promise<void>, told?: object): void
  /** As much is kept as may be. */
  isFull(): boolean
  /** The same for a part of what is under way, which must not hold up the rest of it. */
  persist(work: () => Promise<void>): Promise<void>
  /** Resolves when all that is under way has ended. */
  settled(): Promise<void>
}

export function createLanes(tell: TellNews, signal: AbortSignal): Lanes {
  const lanes = new Map<string, Promise<void>>()
  const kept = { events: 0, bytes: 0 }

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

  function keep(events: number, bytes: number): void {
    kept.events += events
    kept.bytes += bytes
  }

  return {
    persist,
    run(channel, work, told) {
      const before = lanes.get(channel) ?? Promise.resolve()
      const now = before.then(() => persist(work))
      lanes.set(channel, now)
      const weight = told === undefined ? undefined : JSON.stringify(told).length
      if (weight !== undefined) keep(1, weight)
      void now.then(() => {
        if (weight !== undefined) keep(-1, -weight)
        if (lanes.get(channel) === now) lanes.delete(channel)
      })
    },
    isFull: () => kept.events >= keptMost.events || kept.bytes >= keptMost.bytes,
    async settled() {
      while (lanes.size > 0) await Promise.all(lanes.values())
    },
  }
}
