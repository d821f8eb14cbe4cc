import type { APIChannel } from 'discord.js'
import { HearthError } from '../../src/core/errors.ts'
import { createTurnstile } from '../../src/core/turnstile.ts'
import type { Gateway } from './gateway.ts'
import type { Lanes } from './lanes.ts'
import type { Place, Places } from './places.ts'
import { idAt, isLater } from './snowflake.ts'

/** What was read of a channel waits in memory until it is taken. */
const readAtOnceMost = 20
/** Our clock and Discord's are two. */
const clockSlackMs = 60_000
/** Of a history that Discord does not show just now. By then what is said lately has waited for some ten seconds. */
const triesMost = 6
const again = { firstMs: 60_000, mostMs: 60 * 60_000 }

export interface AbsencesOptions {
  readonly places: Places
  readonly lanes: Pick<Lanes, 'run'>
  readonly gateway: Pick<Gateway, 'channel'>
  /** All that has happened since the place's last message. `false` where Discord shows nothing. Throws `HearthError`. */
  readonly read: (place: Place) => Promise<boolean>
}

/** A channel as Discord tells of it at the beginning. */
type LatelyUsed = Pick<APIChannel, 'id'> & { readonly last_message_id?: string | null }

/** Which channels something was missed of, and when it is read. */
export interface Absences {
  /** Something of it is still to be read: from there it begins at the next connection. */
  isBehind(channel: string): boolean
  /** Reads what was missed in these channels, each in its lane, before whatever is said there from now on. */
  catchUp(isMeant: (place: Place) => boolean): void
  /** The same in those of a server in which nothing was heard yet, and something was said since then. */
  catchUpNew(guild: string, channels: readonly LatelyUsed[], sinceMs: number): void
  /** Something was told of this channel just now and not kept: the same, when what was kept of it is taken. */
  miss(channel: string, guild: string | undefined): void
  /** The same where this server did not let the account read: that may have changed, of a `channel` or of all. */
  tryClosed(guild: string, channel?: string): void
}

export function createAbsences(options: AbsencesOptions): Absences {
  const { places, lanes, gateway, read } = options
  const reading = createTurnstile(readAtOnceMost)
  const behind = new Set<string>()
  /** Those of them that wait for their turn: whatever happens until then will be read. */
  const due = new Set<string>()
  /** Channels that could not be read, and what was taken there last at that time. */
  const closed = new Map<string, Place>()
  /** How long to wait before a history is tried again that Discord did not show. */
  const pauses = new Map<string, number>()

  /** `since`: of a channel that is known, too, not later than from there. */
  function begin(place: Place, since: string | undefined = undefined): void {
    const { channel } = place
    behind.add(channel)
    // Roles that are put in another order are as many events, and Discord bans who is refused too often.
    if (due.has(channel)) return
    due.add(channel)
    let tries = 0
    lanes.run(channel, async () => {
      due.delete(channel)
      const known = places.find(channel) ?? place
      try {
        if (known.left !== true || since !== undefined)
          await reading.enter(() => readWhereOpen(closed.get(channel) ?? from(known, since)))
      } catch (error) {
        const isDiscords = error instanceof HearthError && error.who === 'platform' && error.retryable
        if (!isDiscords || ++tries < triesMost) throw error
        return later(place, since)
      }
      pauses.delete(channel)
      if (!due.has(channel)) behind.delete(channel)
    })
  }

  /** What is said lately does not wait for it. */
  function later(place: Place, since: string | undefined): void {
    const waitMs = pauses.get(place.channel) ?? again.firstMs
    pauses.set(place.channel, Math.min(waitMs * 2, again.mostMs))
    setTimeout(() => begin(place, since), waitMs).unref()
  }

  async function readWhereOpen(place: Place): Promise<void> {
    const { channel } = place
    try {
      const isOpen = await read(place)
      if (isOpen) closed.delete(channel)
      else closed.set(channel, place)
    } catch (error) {
      const code = error instanceof HearthError ? error.code : undefined
      if (code === 'discord-forbidden') closed.set(channel, place)
      else if (code !== 'discord-gone') throw error
      else {
        closed.delete(channel)
        await places.forget(channel)
      }
    }
  }

  return {
    isBehind: (channel) => behind.has(channel),
    catchUp(isMeant) {
      for (const place of places.all) if (isMeant(place)) begin(place)
    },
    catchUpNew(guild, channels, sinceMs) {
      const last = idAt(sinceMs)
      for (const { id: channel, last_message_id: latest } of channels) {
        const isNew = latest != null && isLater(latest, last)
        if (isNew && places.find(channel) === undefined) begin({ channel, guild, last })
      }
    },
    miss(channel, guild) {
      const last = idAt(Date.now() - clockSlackMs)
      begin({ channel, guild, last }, last)
    },
    tryClosed(guild, channel) {
      for (const place of closed.values()) {
        const facts = gateway.channel(place.channel)
        // Of a thread that rests it is not known where it stands.
        const isMeant = channel === undefined || facts === undefined || facts.parent === channel
        if (place.guild !== guild || !(isMeant || place.channel === channel)) continue
        begin(place)
      }
    },
  }
}

const from = (place: Place, since: string | undefined): Place =>
  since !== undefined && isLater(place.last, since) ? { ...place, last: since } : place
