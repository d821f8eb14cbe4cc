import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError } from '../../src/core/errors.ts'
import type { TellNews } from './news.ts'

const triesMost = 3
const retry = { firstMs: 250, mostMs: 30_000 }
/** With the pauses between them about half a minute. */
const stepTriesMost = 8

interface Kept {
  readonly events: number
  readonly bytes: number
}

/** Of what the gateway has told and nobody has taken yet, such as while the database is away. */
const keptMost: Kept = { events: 1_000, bytes: 8 * 2 ** 20 }
/** Of what is free each channel may have so much: one that is stuck leaves most of it to the others. */
const shareOfFree = 1 / 10
/** Beyond that one event is kept of each: a channel that is not stuck goes on, however many are. */
const channelsMost = 5_000

const hasRoom = (lane: Kept, all: Kept): boolean =>
  lane.events === 0
    ? all.events < channelsMost
    : lane.events < (keptMost.events - all.events) * shareOfFree &&
      lane.bytes < (keptMost.bytes - all.bytes) * shareOfFree

const plus = (one: Kept, { events, bytes }: Kept): Kept => ({
  events: one.events + events,
  bytes: one.bytes + bytes,
})
const minus = (one: Kept, { events, bytes }: Kept): Kept => plus(one, { events: -events, bytes: -bytes })

const nothing: Kept = { events: 0, bytes: 0 }

/**
 * What comes in one channel is taken in its order, one after the other, and channels do not wait for each
 * other. What cannot be taken is tried again: for ever where that passes, such as a database that is away;
 * else three times, and then it is passed over, since it must not hold up what comes after it.
 */
export interface Lanes {
  /**
   * `told`: what the gateway has told, which is kept until then. False where no more of the channel can be kept:
   * then nothing will be done.
   */
  run(channel: string, work: () => Promise<void>, told?: object): boolean
  /**
   * For a part of what is under way, which must not hold up the rest of it: what cannot be taken is passed over in
   * the same way. Throws what would pass and does not for half a minute, and what the aborted signal throws.
   */
  step(work: () => Promise<void>): Promise<void>
  /** Resolves when all that is under way has ended. */
  settled(): Promise<void>
}

interface Lane {
  /** Resolves when all that it has so far has ended. */
  ended: Promise<void>
  kept: Kept
}

export function createLanes(tell: TellNews, signal: AbortSignal): Lanes {
  const lanes = new Map<string, Lane>()
  let kept = nothing

  const pause = (tries: number) =>
    sleep(Math.min(retry.firstMs * 2 ** (tries - 1), retry.mostMs), undefined, { signal }).catch(
      () => undefined,
    )

  /** Throws what passes and has failed so often, and what the aborted signal throws. */
  async function persist(work: () => Promise<void>, passingMost: number): Promise<void> {
    let troubled = false
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted()
      try {
        await work()
        if (troubled) tell({ kind: 'answering' })
        return
      } catch (error) {
        if (signal.aborted) throw error
        const passes = error instanceof HearthError && error.retryable
        if (!passes && tries >= triesMost) return tell({ kind: 'passed-over', error })
        if (passes) {
          troubled = true
          tell({ kind: 'troubled', error })
          if (tries >= passingMost) throw error
        }
        await pause(tries)
      }
    }
  }

  return {
    step: (work) => persist(work, stepTriesMost),
    run(channel, work, told) {
      const lane = lanes.get(channel) ?? { ended: Promise.resolve(), kept: nothing }
      if (told !== undefined && !hasRoom(lane.kept, kept)) return false
      const weight = told === undefined ? nothing : { events: 1, bytes: JSON.stringify(told).length }
      lane.kept = plus(lane.kept, weight)
      kept = plus(kept, weight)
      const ended = lane.ended.then(() => persist(work, Number.POSITIVE_INFINITY).catch(() => undefined))
      lane.ended = ended
      lanes.set(channel, lane)
      void ended.then(() => {
        lane.kept = minus(lane.kept, weight)
        kept = minus(kept, weight)
        if (lane.ended === ended) lanes.delete(channel)
      })
      return true
    },
    async settled() {
      while (lanes.size > 0) await Promise.all([...lanes.values()].map(({ ended }) => ended))
    },
  }
}
