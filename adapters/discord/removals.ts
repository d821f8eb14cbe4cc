import { setTimeout as sleep } from 'node:timers/promises'
import type { OnEvent } from '../../src/core/adapter.ts'
import type { Account } from '../../src/core/conversation.ts'
import { externalId } from '../../src/core/ids.ts'
import type { StandingMessages } from '../../src/core/store.ts'
import type { Lanes } from './lanes.ts'
import { type Places, roomOf } from './places.ts'
import type { TakeSaid } from './said.ts'
import type { Sender } from './sender.ts'
import { isLater, isSnowflake, sentAt } from './snowflake.ts'

/** Our clock and Discord's are two. */
const clockSlackMs = 60_000
/** By then the process that takes a message back has written that down. */
const takenBackMs = 3_000

export interface RemovalsOptions {
  readonly self: string
  readonly account: Account
  readonly standing: StandingMessages
  readonly said: Pick<TakeSaid, 'isHeard'>
  readonly sender: Pick<Sender, 'hasRemoved'>
  readonly lanes: Lanes
  readonly places: Places
  /** False while other processes serve the bot too. */
  readonly isAlone: () => boolean
}

/** What was deleted on Discord, by whomever: it does not tell. */
export interface Removals {
  /** `taken`: it is known that somebody else has said it. */
  take(channel: string, guild: string | undefined, id: string, taken: boolean): Promise<void>
  /**
   * What is stored and not among `shown`: all that Discord shows, oldest first, from the first of them up to
   * the last of them or to `last`, whichever is later. Beyond that nothing can be known.
   */
  takeMissing(
    channel: string,
    guild: string | undefined,
    shown: readonly string[],
    last: string,
  ): Promise<void>
}

export function createRemovals(options: RemovalsOptions, onEvent: OnEvent, signal: AbortSignal): Removals {
  const { self, account, standing, said, sender, lanes, places, isAlone } = options
  const nobody = { externalId: externalId(self), displayName: self }

  async function redact(channel: string, guild: string | undefined, id: string): Promise<void> {
    const room = roomOf(channel, guild)
    await onEvent({ kind: 'redaction', room, sender: nobody, at: new Date(), target: externalId(id) })
  }

  return {
    async take(channel, guild, id, taken) {
      // What was taken where the account listens no more is kept still.
      const isKnown = said.isHeard(channel, guild) || places.find(channel) !== undefined
      if (sender.hasRemoved(id) || !isKnown) return
      if (taken || isAlone()) return await redact(channel, guild, id)
      // It may be a part of a reply, which another process takes back.
      lanes.run(`removal ${id}`, async () => {
        await sleep(takenBackMs, undefined, { signal })
        await redact(channel, guild, id)
      })
    },

    async takeMissing(channel, guild, shown, last) {
      const [first] = shown
      const newest = shown.at(-1)
      if (first === undefined || newest === undefined) return
      const end = isLater(newest, last) ? newest : last
      const since = new Date(sentAt(first).getTime() - clockSlackMs)
      const there = new Set(shown)
      for (const id of await standing.since(account, roomOf(channel, guild), since)) {
        // What was said by a command that nobody else saw stands nowhere.
        if (!isSnowflake(id) || there.has(id) || isLater(first, id) || isLater(id, end)) continue
        if (!sender.hasRemoved(id)) await redact(channel, guild, id)
      }
    },
  }
}
