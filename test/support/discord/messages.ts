import {
  type APIAttachment,
  type APIEmbed,
  type APIMessageTopLevelComponent,
  GatewayIntentBits,
  MessageFlags,
  MessageType,
} from 'discord-api-types/v10'

import {
  type AllowedMentions,
  findMentions,
  mentionsInMessages,
  mentionsInWebhooks,
  whoIsRung,
} from './mentions.ts'
import { messageEvent, nonceView } from './message-views.ts'
import { byId } from './snowflake.ts'
import {
  type Account,
  botOf,
  type Channel,
  type InteractionOrigin,
  type Message,
  type Viewer,
  type Webhook,
  type World,
} from './world.ts'

/** What happens to messages, whoever does it; the bots that may know are told. */

export interface Draft {
  readonly content?: string
  readonly attachments?: readonly APIAttachment[]
  readonly embeds?: readonly APIEmbed[]
  readonly components?: readonly APIMessageTopLevelComponent[]
  readonly allowedMentions?: AllowedMentions | undefined
  readonly replyTo?: Message | undefined
  readonly forwards?: Message
  readonly nonce?: string | number | undefined
  readonly flags?: number
  readonly webhook?: Pick<Webhook, 'id' | 'name' | 'avatar'> | undefined
  readonly applicationId?: string | undefined
  readonly interaction?: InteractionOrigin | undefined
  readonly ephemeralFor?: Account | undefined
  readonly type?: MessageType
  /** In the past, for what was said before anybody listened. */
  readonly sentAt?: Date
}

export const messageIntents = (channel: Channel): number =>
  channel.guild === undefined ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages

export function tell(world: World, channel: Channel, t: string, data: object, intents: number): void {
  const guild = channel.guild === undefined ? {} : { guild_id: channel.guild.id }
  world.publish({ t, intents, guildId: channel.guild?.id, channel, data: () => ({ ...data, ...guild }) })
}

function tellOfMessage(world: World, message: Message, t: string): void {
  const { channel, ephemeralFor, author } = message
  const made = t === 'MESSAGE_CREATE' ? nonceView(message) : {}
  const data = (viewer: Viewer): object => ({ ...messageEvent(world, message, viewer), ...made })
  if (ephemeralFor === undefined) {
    world.publish({ t, intents: messageIntents(channel), guildId: channel.guild?.id, channel, data })
    return
  }
  const only = botOf(world, author)
  // Discord sends these to their own bot as if they were direct (discord-api-docs, issue 4557).
  if (only !== undefined) world.publish({ t, intents: GatewayIntentBits.DirectMessages, only, data })
}

export function createMessage(world: World, channel: Channel, author: Account, draft: Draft): Message {
  const { content = '', replyTo, webhook } = draft
  const standing =
    webhook === undefined && draft.interaction === undefined ? mentionsInMessages : mentionsInWebhooks
  const allowed = draft.allowedMentions ?? standing
  const mentions = findMentions(world, channel, author, content, allowed, replyTo)
  const message: Message = {
    id: world.newId(draft.sentAt?.getTime()),
    channel,
    author,
    type: draft.type ?? (replyTo === undefined ? MessageType.Default : MessageType.Reply),
    webhook,
    applicationId: draft.applicationId,
    replyTo,
    replyToId: replyTo?.id,
    ringsReply: allowed.replied_user === true,
    forwarded: draft.forwards && { ...draft.forwards },
    nonce: draft.nonce,
    interaction: draft.interaction,
    ephemeralFor: draft.ephemeralFor,
    content,
    attachments: draft.attachments ?? [],
    embeds: draft.embeds ?? [],
    components: draft.components ?? [],
    mentions,
    pinged: whoIsRung(channel, author, mentions),
    flags:
      (draft.flags ?? 0) |
      (draft.ephemeralFor === undefined ? 0 : MessageFlags.Ephemeral) |
      (draft.forwards === undefined ? 0 : MessageFlags.HasSnapshot),
    editedAt: undefined,
    thread: undefined,
    reactions: new Map(),
  }
  channel.messages.set(message.id, message)
  channel.lastMessageId = message.id
  // Whoever speaks in a thread takes part in it.
  if (channel.parent !== undefined && webhook === undefined) channel.joined.add(author.id)
  // Whoever speaks is no longer shown as typing.
  const typing = world.typing.findIndex((other) => other.channel === channel && other.account === author)
  if (typing >= 0) world.typing.splice(typing, 1)
  tellOfMessage(world, message, 'MESSAGE_CREATE')
  world.changed()
  return message
}

export interface Changes {
  readonly content?: string
  readonly attachments?: readonly APIAttachment[]
  readonly embeds?: readonly APIEmbed[]
  readonly components?: readonly APIMessageTopLevelComponent[]
  readonly flags?: number
  readonly allowedMentions?: AllowedMentions | undefined
}

export function editMessage(world: World, message: Message, changes: Changes): void {
  const { content, allowedMentions, ...rest } = changes
  Object.assign(message, rest)
  if (content !== undefined) {
    message.content = content
    const { channel, author, replyTo } = message
    // Whether the answered one is lit up stays as it was, if nothing is said of it.
    const allowed = allowedMentions ?? { ...mentionsInMessages, replied_user: message.ringsReply }
    message.mentions = findMentions(world, channel, author, content, allowed, replyTo)
  }
  message.editedAt = new Date()
  tellOfMessage(world, message, 'MESSAGE_UPDATE')
  world.changed()
}

export function deleteMessage(world: World, message: Message): void {
  const { channel, id } = message
  channel.messages.delete(id)
  // A bot is not told of the end of what only one person saw.
  if (message.ephemeralFor === undefined) {
    tell(world, channel, 'MESSAGE_DELETE', { id, channel_id: channel.id }, messageIntents(channel))
  }
  world.changed()
}

export function deleteMessages(world: World, channel: Channel, ids: readonly string[]): void {
  const there = ids.filter((id) => channel.messages.delete(id))
  const data = { ids: there, channel_id: channel.id }
  tell(world, channel, 'MESSAGE_DELETE_BULK', data, messageIntents(channel))
  world.changed()
}

/** Oldest first. */
export const inOrder = (channel: Channel): Message[] => [...channel.messages.values()].sort(byId)
