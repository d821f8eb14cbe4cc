import { setTimeout as sleep } from 'node:timers/promises'
import { Routes } from 'discord.js'
import { LruMap } from '../../src/core/lru-map.ts'
import type { CallDiscord } from './rest.ts'

/** Discord shows it for ten seconds. */
const shownMs = 8_000
/** Nobody notices the wait; and by then it is known how many are to be shown as typing. */
const afterMs = 250
const atOnceMost = 10
/** Whoever has waited so long is answered by then, or thinks that nobody is there. */
const staleMs = 2_000
const channelsKept = 10_000

/** Shows that the persona is writing: where many people talk at once, the requests are kept for the replies. */
export interface Typing {
  show(channel: string, signal: AbortSignal): Promise<void>
  /** Something was sent there, at which Discord takes it away. */
  over(channel: string): void
}

export function createTyping(call: CallDiscord): Typing {
  const shownAt = new LruMap<string, number>(channelsKept)
  let waiting = 0
  return {
    async show(channel, signal) {
      if (performance.now() - (shownAt.get(channel) ?? -shownMs) < shownMs) return
      const before = ++waiting
      try {
        await sleep(afterMs, undefined, { signal })
        if (Math.max(before, waiting) > atOnceMost) return
      } finally {
        waiting--
      }
      shownAt.set(channel, performance.now())
      const outdated = AbortSignal.timeout(staleMs)
      try {
        const route = Routes.channelTyping(channel)
        await call('post', route, 'write there', signal, { rank: 'idle', outdated })
      } catch (error) {
        shownAt.delete(channel)
        if (error !== outdated.reason) throw error
      }
    },
    over: (channel) => shownAt.delete(channel),
  }
}
