import { type APIChannel, type APIGuildMember, type APIMessage, Routes } from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { HearthError } from '../../src/core/errors.ts'
import { externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { createTurnstile } from '../../src/core/turnstile.ts'
import { catchUpOn, readPage } from './catch-up.ts'
import type { Gateway } from './gateway.ts'
import type { Lanes } from './lanes.ts'
import { type Place, type Places, roomOf } from './places.ts'
import type { Removals } from './removals.ts'
import type { CallDiscord } from './rest.ts'
import type { Incoming, TakeSaid } from './said.ts'
import { idAt, isLater, sentAt } from './snowflake.ts'

const messagesKnown = 10_000
/** What was read of a channel waits in memory until it is taken. */
const readAtOnceMost = 20
/** So long a shard may be in nobody's hands. */
const newMs = 60_000
/** Of what was said in a direct conversation before the first message that was heard there. */
const firstPage = { limit: '50' }

export interface ArrivalsOptions {
  readonly self: string
  readonly call: CallDiscord
  readonly places: Places
  readonly lanes: Lanes
  readonly said: TakeSaid
  readonly removals: Pick<Removals, 'takeMissing'>
  readonly gateway: Pick<Gateway, 'channel' | 'learn'>
  readonly catchUpMs: number
}

/** What is said while somebody listens, and what was said while nobody did: each message once, and none left out. */
export interface Arrivals {
  /** To be called in the lane of its channel. */
  take(message: Incoming): Promise<void>
  /** True for one that was taken not long ago, by this shard in this process. */
  hasTaken(id: string): boolean
  /** Reads what was missed in these channels, each in its lane, before whatever is said there from now on. */
  catchUp(isMeant: (place: Place) => boolean): void
  /** The same in those of a server in which nothing was heard yet, and something was said just now. */
  catchUpNew(guild: string, channels: readonly LatelyUsed[]): void
  /** The same where this server did not let the account read: that may have changed, of a `channel` or of all. */
  tryClosed(guild: string, channel?: string): void
}

/** A channel as Discord tells of it at the beginning. */
type LatelyUsed = Pick<APIChannel, 'id'> & { readonly last_message_id?: string | null }

export function createArrivals(options: ArrivalsOptions, onEvent: OnEvent, signal: AbortSignal): Arrivals {
  const { self, call, places, lanes, said, removals, gateway } = options
  /** After an absence all channels are read at once, and people wait for their replies. */
  const callPatiently: CallDiscord = (method, route, what, until, data) =>
    call(method, route, what, until, { ...data, rank: 'patient' })
  const taken = new LruMap<string, true>(messagesKnown)
  const reading = createTurnstile(readAtOnceMost)
  /** Channels of which something is still missing: they begin there again at the next connection. */
  const gaps = new Set<string>()
  /** Channels that could not be read, and what was taken there last at that time. */
  const closed = new Map<string, Place>()
  /** Those of which it was heard that they may be open again, and that nobody has looked at since. */
  const retold = new Set<string>()

  async function takeOne(message: Incoming): Promise<void> {
    const { id, channel_id: channel, guild_id: guild, author } = message
    if (author.id === self || taken.get(id) === true || !said.isHeard(channel, guild)) return
    const place = places.find(channel)
    if (place?.left === true) {
      const sender = { externalId: externalId(author.id), displayName: author.username }
      const room = roomOf(channel, guild)
      await onEvent({ kind: 'membership', change: 'joined', room, sender, at: sentAt(id) })
    }
    await said.message(message, onEvent, signal)
    taken.set(id, true)
  }

  /** Nobody has told of a direct conversation in which nothing was heard yet. */
  async function takeBefore({ id, channel_id: channel }: Incoming): Promise<void> {
    const earliestMs = Date.now() - options.catchUpMs
    for (const message of await readPage(channel, { before: id, ...firstPage }, call, signal)) {
      if (sentAt(message.id).getTime() > earliestMs) await lanes.persist(() => takeOne(message))
    }
  }

  async function take(message: Incoming): Promise<void> {
    const { id, channel_id: channel, guild_id: guild, author } = message
    if (author.id === self || !said.isHeard(channel, guild)) return
    if (guild === undefined && places.find(channel) === undefined) await takeBefore(message)
    await takeOne(message)
    if (!gaps.has(channel)) await places.advance({ channel, guild, last: id })
  }

  /** Of threads that rest Discord does not tell at the beginning. */
  async function lookUp(channel: string): Promise<void> {
    if (gateway.channel(channel) === undefined)
      gateway.learn(
        await callPatiently<APIChannel>('get', Routes.channel(channel), 'look at a channel', signal),
      )
  }

  /** `false` where Discord shows nothing. */
  async function catchUpOne({ channel, guild, last }: Place): Promise<boolean> {
    if (guild !== undefined) await lookUp(channel)
    if (!said.isHeard(channel, guild)) return true
    const complete = completer(guild, callPatiently, signal)
    return await catchUpOn(
      channel,
      last,
      callPatiently,
      {
        shown: (ids) => lanes.persist(() => removals.takeMissing(channel, guild, ids, last)),
        edit: (message) => lanes.persist(async () => said.edit(await complete(message), onEvent, signal)),
        async message(message) {
          await lanes.persist(async () => takeOne(await complete(message)))
          if (signal.aborted) return
          await places.advance({ channel, guild, last: message.id })
        },
      },
      signal,
    )
  }

  function begin(place: Place): void {
    const { channel } = place
    gaps.add(channel)
    lanes.run(channel, async () => {
      retold.delete(channel)
      const known = places.find(channel) ?? place
      if (known.left !== true) await reading.enter(() => catchUpWhereOpen(closed.get(channel) ?? known))
      gaps.delete(channel)
    })
  }

  async function catchUpWhereOpen(place: Place): Promise<void> {
    const { channel } = place
    try {
      const isOpen = await catchUpOne(place)
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
    take,
    hasTaken: (id) => taken.get(id) === true,
    catchUp(isMeant) {
      for (const place of places.all) if (isMeant(place)) begin(place)
    },
    catchUpNew(guild, channels) {
      const last = idAt(Date.now() - newMs)
      for (const { id: channel, last_message_id: latest } of channels) {
        const isNew = latest != null && isLater(latest, last)
        if (isNew && places.find(channel) === undefined) begin({ channel, guild, last })
      }
    },
    tryClosed(guild, channel) {
      for (const place of closed.values()) {
        const facts = gateway.channel(place.channel)
        // Of a thread that rests it is not known where it stands.
        const isMeant = channel === undefined || facts === undefined || facts.parent === channel
        if (place.guild !== guild || !(isMeant || place.channel === channel)) continue
        // Roles that are put in another order are as many events, and Discord bans who is refused too often.
        if (retold.has(place.channel)) continue
        retold.add(place.channel)
        begin(place)
      }
    },
  }
}

/** A page of history tells neither of its server nor of its members. */
function completer(guild: string | undefined, call: CallDiscord, signal: AbortSignal) {
  const members = new Map<string, Promise<APIGuildMember | undefined>>()
  return async (message: APIMessage): Promise<Incoming> => {
    if (guild === undefined || message.author.bot === true) return message
    const { id } = message.author
    const asked =
      members.get(id) ??
      call<APIGuildMember>('get', Routes.guildMember(guild, id), 'look at a member', signal).catch(
        (error: unknown) => {
          if (error instanceof HearthError && !error.retryable) return undefined
          throw error
        },
      )
    members.set(id, asked)
    const member = await asked
    return { ...message, guild_id: guild, ...(member !== undefined && { member }) }
  }
}
