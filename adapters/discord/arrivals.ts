import { type APIChannel, Routes } from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { HearthError } from '../../src/core/errors.ts'
import { externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { type Absences, createAbsences } from './absences.ts'
import { catchUpOn, readPage } from './catch-up.ts'
import type { Gateway } from './gateway.ts'
import type { Lanes } from './lanes.ts'
import { completer } from './members.ts'
import { type Place, type Places, roomOf } from './places.ts'
import type { Removals } from './removals.ts'
import type { CallDiscord } from './rest.ts'
import type { Incoming, TakeSaid } from './said.ts'
import { idAt, sentAt } from './snowflake.ts'

const messagesKnown = 10_000
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
export interface Arrivals extends Omit<Absences, 'isBehind'> {
  /** To be called in the lane of its channel. */
  take(message: Incoming): Promise<void>
  /** True for one that was taken not long ago, by this shard in this process. */
  hasTaken(id: string): boolean
}

export function createArrivals(options: ArrivalsOptions, onEvent: OnEvent, signal: AbortSignal): Arrivals {
  const { self, call, places, lanes, said, removals, gateway } = options
  /** After an absence all channels are read at once, and people wait for their replies. */
  const callPatiently: CallDiscord = (method, route, what, until, data) =>
    call(method, route, what, until, { ...data, rank: 'patient' })
  const taken = new LruMap<string, true>(messagesKnown)
  const absences = createAbsences({ places, lanes, gateway, read: catchUpOne })

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
    try {
      for (const message of await readPage(channel, { before: id, ...firstPage }, call, signal)) {
        if (sentAt(message.id).getTime() > earliestMs) await lanes.step(() => takeOne(message))
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof HearthError) || error.who !== 'platform') throw error
      // What is said now does not wait for what Discord does not show: that is tried again, as after an absence.
      await places.advance({ channel, guild: undefined, last: idAt(earliestMs) })
      absences.catchUp((place) => place.channel === channel)
    }
  }

  async function take(message: Incoming): Promise<void> {
    const { id, channel_id: channel, guild_id: guild, author } = message
    if (author.id === self || !said.isHeard(channel, guild)) return
    if (guild === undefined && places.find(channel) === undefined) await takeBefore(message)
    await takeOne(message)
    // What is missing of a channel is later than the first that was kept of it.
    if (places.find(channel) === undefined || !absences.isBehind(channel))
      await places.advance({ channel, guild, last: id })
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
    // Where this process ends before all is read, the next one begins there.
    if (places.find(channel) === undefined) await places.advance({ channel, guild, last })
    const complete = completer(guild, callPatiently, signal)
    return await catchUpOn(
      channel,
      last,
      callPatiently,
      {
        shown: (ids) => lanes.step(() => removals.takeMissing(channel, guild, ids, last)),
        edit: (message) => lanes.step(async () => said.edit(await complete(message), onEvent, signal)),
        async message(message) {
          await lanes.step(async () => {
            const whole = await complete(message)
            await takeOne(whole)
            // It may have been taken before it was changed, also by a process that could not write that down.
            await said.edit(whole, onEvent, signal)
          })
          await places.advance({ channel, guild, last: message.id })
        },
      },
      signal,
    )
  }

  return {
    ...absences,
    take,
    hasTaken: (id) => taken.get(id) === true,
    miss(channel, guild) {
      if (said.isHeard(channel, guild)) absences.miss(channel, guild)
    },
  }
}
