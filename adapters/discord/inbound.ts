import {
  GatewayDispatchEvents,
  type GatewayDispatchPayload,
  type GatewayMessageReactionAddDispatchData,
} from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { externalId } from '../../src/core/ids.ts'
import { missedSince } from './catch-up.ts'
import { displayNameOf } from './decode.ts'
import { isUse } from './interactions.ts'
import { type Places, roomOf } from './places.ts'
import type { CallDiscord } from './rest.ts'
import type { Incoming, TakeSaid } from './said.ts'
import type { Sender } from './sender.ts'
import { isLater } from './snowflake.ts'
import { createUses, type UsesOptions } from './uses.ts'

export interface InboundOptions extends UsesOptions {
  readonly self: string
  readonly call: CallDiscord
  readonly places: Places
  readonly said: TakeSaid
  readonly sender: Pick<Sender, 'hasRemoved'>
  /** What happens whenever a connection begins anew. */
  readonly onReady: () => void
}

/** Hands what Discord's gateway tells over to the engine. Returns at once: what follows is under way in the lanes. */
export function createInbound(
  options: InboundOptions,
  onEvent: OnEvent,
  signal: AbortSignal,
): (packet: GatewayDispatchPayload) => void {
  const { self, call, places, lanes, said, sender } = options
  const uses = createUses(options, onEvent, signal)

  async function takeMessage(message: Incoming): Promise<void> {
    const { id, channel_id: channel, guild_id: guild, author } = message
    const last = places.last(channel)
    if (author.id === self || !said.isHeard(channel, guild) || (last !== undefined && !isLater(id, last)))
      return
    await said.message(message, onEvent, signal)
    await places.advance({ channel, guild, last: id })
  }

  /**
   * Of every channel in which something was said before: Discord tells of what was missed nowhere else. In its
   * lane it stands before whatever is said there from now on.
   */
  function catchUp(): void {
    for (const { channel, guild, last } of places.all) {
      lanes.run(channel, async () => {
        const missed = await missedSince(channel, last, call, signal)
        // A page of history does not tell of which server it is.
        const inPlace = <T extends object>(message: T) => ({
          ...message,
          ...(guild !== undefined && { guild_id: guild }),
        })
        for (const message of missed.edited) await said.edit(inPlace(message), onEvent, signal)
        for (const message of missed.messages) await takeMessage(inPlace(message))
      })
    }
  }

  const self_ = { externalId: externalId(self), displayName: self }

  async function takeRemoval(channel: string, guild: string | undefined, id: string): Promise<void> {
    if (sender.hasRemoved(id) || !said.isHeard(channel, guild)) return
    const room = roomOf(channel, guild)
    // Discord does not tell by whom.
    await onEvent({ kind: 'redaction', room, sender: self_, at: new Date(), target: externalId(id) })
  }

  async function leave(isGone: (channel: string, guild: string | undefined) => boolean): Promise<void> {
    for (const { channel, guild } of places.all) {
      if (!isGone(channel, guild)) continue
      const room = roomOf(channel, guild)
      await onEvent({ kind: 'membership', change: 'left', room, sender: self_, at: new Date() })
      await places.forget(channel)
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
    const ours = reaction.message_author_id === undefined || reaction.message_author_id === self
    if (!ours || user === self || member?.user?.bot === true || emoji.name === null) return
    if (!said.isHeard(channel, guild) || !(await said.mayTalk(user, member?.roles ?? []))) return
    const name = member?.user === undefined ? user : displayNameOf(member.user, member.nick)
    await onEvent({
      kind: 'reaction',
      room: roomOf(channel, guild),
      sender: { externalId: externalId(user), displayName: name },
      at: new Date(),
      target: externalId(target),
      emoji: emoji.name,
    })
  }

  return (packet) => {
    switch (packet.t) {
      case GatewayDispatchEvents.Ready:
        options.onReady()
        return catchUp()
      case GatewayDispatchEvents.MessageCreate: {
        const message = packet.d as Incoming
        return lanes.run(message.channel_id, () => takeMessage(message))
      }
      case GatewayDispatchEvents.MessageUpdate: {
        const message = packet.d as Incoming
        return lanes.run(message.channel_id, () => said.edit(message, onEvent, signal))
      }
      case GatewayDispatchEvents.MessageDelete: {
        const { channel_id: channel, guild_id: guild, id } = packet.d
        return lanes.run(channel, () => takeRemoval(channel, guild, id))
      }
      case GatewayDispatchEvents.MessageDeleteBulk: {
        const { channel_id: channel, guild_id: guild, ids } = packet.d
        return ids.forEach((id) => void lanes.run(channel, () => takeRemoval(channel, guild, id)))
      }
      case GatewayDispatchEvents.MessageReactionAdd: {
        const reaction = packet.d
        return lanes.run(reaction.channel_id, () => takeReaction(reaction))
      }
      case GatewayDispatchEvents.InteractionCreate:
        if (isUse(packet.d)) uses.begin(packet.d)
        return
      case GatewayDispatchEvents.GuildDelete: {
        const { id, unavailable } = packet.d
        // A server that is out of order has not put anybody out.
        if (unavailable !== true) lanes.run(id, () => leave((_, guild) => guild === id))
        return
      }
      case GatewayDispatchEvents.ChannelDelete:
      case GatewayDispatchEvents.ThreadDelete: {
        const { id } = packet.d
        return lanes.run(id, () => leave((channel) => channel === id))
      }
    }
  }
}
