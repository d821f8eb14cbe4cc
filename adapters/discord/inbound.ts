import {
  type APIUser,
  GatewayDispatchEvents,
  type GatewayDispatchPayload,
  type GatewayMessageReactionAddDispatchData,
  Routes,
} from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { externalId } from '../../src/core/ids.ts'
import { type ArrivalsOptions, createArrivals } from './arrivals.ts'
import { createDeafness } from './deafness.ts'
import { displayNameOf } from './decode.ts'
import { isUse } from './interactions.ts'
import { type Place, roomOf } from './places.ts'
import { createRemovals, type RemovalsOptions } from './removals.ts'
import type { Incoming, TakeSaid } from './said.ts'
import { createUses, type UsesOptions } from './uses.ts'

export interface InboundOptions extends UsesOptions, RemovalsOptions, Omit<ArrivalsOptions, 'removals'> {
  /** True where somebody else speaks than the bot itself: what they say is no message of the bot's. */
  readonly guest: boolean
  readonly said: TakeSaid
  /** What happens whenever a connection begins anew; it is told of which application the bot is. */
  readonly onReady: (application: string) => void
}

type Where = { readonly channel_id: string; readonly guild_id?: string | undefined }

/** Hands what Discord's gateway tells over to the engine. Returns at once: what follows is under way in the lanes. */
export function createInbound(
  options: InboundOptions,
  onEvent: OnEvent,
  signal: AbortSignal,
): (packet: GatewayDispatchPayload) => void {
  const { self, guest: isGuest, call, places, lanes, said } = options
  const uses = createUses(options, onEvent, signal)
  const removals = createRemovals(options, onEvent, signal)
  const deafness = createDeafness(places, options.catchUpMs)
  const arrivals = createArrivals({ ...options, removals }, onEvent, signal)

  const self_ = { externalId: externalId(self), displayName: self }

  function leave(isGone: (place: Place) => boolean): void {
    for (const place of places.all) {
      if (!isGone(place)) continue
      lanes.run(place.channel, async () => {
        const room = roomOf(place.channel, place.guild)
        await onEvent({ kind: 'membership', change: 'left', room, sender: self_, at: new Date() })
        await places.leave(places.find(place.channel) ?? place)
      })
    }
  }

  async function takeReaction(reaction: GatewayMessageReactionAddDispatchData): Promise<void> {
    const {
      channel_id: channel,
      guild_id: guild,
      user_id: user,
      message_id: target,
      member,
      emoji,
    } = reaction
    const { message_author_id: author = isGuest ? undefined : self } = reaction
    if ((author === self) === isGuest || user === self || member?.user?.bot === true || emoji.name === null)
      return
    if (!said.isHeard(channel, guild) || !said.maySpeak(channel, guild)) return
    if (!(await said.mayTalk(user, member?.roles ?? []))) return
    const name =
      member?.user === undefined
        ? displayNameOf(await call<APIUser>('get', Routes.user(user), 'look at somebody', signal))
        : displayNameOf(member.user, member.nick)
    await onEvent({
      kind: 'reaction',
      room: roomOf(channel, guild),
      sender: { externalId: externalId(user), displayName: name },
      at: new Date(),
      target: externalId(target),
      emoji: emoji.name,
    })
  }

  /** What cannot be kept is read later, from what stands in the channel by then. */
  function keep(
    { channel_id: channel, guild_id: guild }: Where,
    told: object,
    work: () => Promise<void>,
  ): void {
    if (!lanes.run(channel, work, told)) arrivals.miss(channel, guild)
  }

  function takeRemovals(ids: readonly string[], where: Where): void {
    const { channel_id: channel, guild_id: guild } = where
    for (const id of ids) keep(where, { id }, () => removals.take(channel, guild, id, arrivals.hasTaken(id)))
  }

  return (packet) => {
    switch (packet.t) {
      case GatewayDispatchEvents.Ready: {
        options.onReady(packet.d.application.id)
        const [id, of] = packet.d.shard ?? [0, 1]
        deafness.begin(
          packet.d.guilds.map((guild) => guild.id),
          { id, of },
        )
        // Direct conversations are the first shard's.
        if (id === 0) arrivals.catchUp(({ guild }) => guild === undefined)
        return
      }
      case GatewayDispatchEvents.GuildCreate: {
        const { id, channels, threads } = packet.d
        arrivals.catchUp(({ guild }) => guild === id)
        arrivals.catchUpNew(id, [...channels, ...threads], deafness.end(id))
        return
      }
      case GatewayDispatchEvents.ChannelUpdate:
        if ('guild_id' in packet.d && packet.d.guild_id !== undefined)
          arrivals.tryClosed(packet.d.guild_id, packet.d.id)
        return
      case GatewayDispatchEvents.GuildRoleUpdate:
      case GatewayDispatchEvents.ThreadListSync:
        return arrivals.tryClosed(packet.d.guild_id)
      case GatewayDispatchEvents.GuildMemberUpdate: {
        const { guild_id: guild, user } = packet.d
        if (user.id === self) arrivals.tryClosed(guild)
        return
      }
      case GatewayDispatchEvents.MessageCreate: {
        const message = packet.d as Incoming
        return keep(message, message, () => arrivals.take(message))
      }
      case GatewayDispatchEvents.MessageUpdate: {
        const message = packet.d as Incoming
        return keep(message, message, () => said.edit(message, onEvent, signal))
      }
      case GatewayDispatchEvents.MessageDelete:
        return takeRemovals([packet.d.id], packet.d)
      case GatewayDispatchEvents.MessageDeleteBulk:
        return takeRemovals(packet.d.ids, packet.d)
      case GatewayDispatchEvents.MessageReactionAdd: {
        const reaction = packet.d
        // No history tells who has put it there: where it cannot be kept, nobody hears of it.
        lanes.run(reaction.channel_id, () => takeReaction(reaction), reaction)
        return
      }
      case GatewayDispatchEvents.InteractionCreate:
        if (isUse(packet.d)) uses.begin(packet.d)
        return
      case GatewayDispatchEvents.GuildDelete: {
        const { id, unavailable } = packet.d
        // A server that is out of order has not put anybody out.
        if (unavailable === true) deafness.beginIn(id)
        else leave(({ guild }) => guild === id)
        return
      }
      case GatewayDispatchEvents.ChannelDelete:
      case GatewayDispatchEvents.ThreadDelete: {
        const { id } = packet.d
        return leave(({ channel }) => channel === id)
      }
    }
  }
}
