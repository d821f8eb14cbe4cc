import { type APIMessage, MessageFlags, MessageReferenceType } from 'discord-api-types/v10'

import { madeAt } from './snowflake.ts'
import { channelView, memberView, userView } from './views.ts'
import type { Account, Message, Viewer, World } from './world.ts'

/** The four fields that need MESSAGE_CONTENT, and the three cases that do not. */
function seesContent(message: Message, { bot, seesContent }: Viewer): boolean {
  return (
    seesContent ||
    message.channel.guild === undefined ||
    message.author === bot.account ||
    message.applicationId === bot.applicationId ||
    message.mentions.users.includes(bot.account)
  )
}

export function messageView(world: World, message: Message, viewer: Viewer): APIMessage {
  const { guild } = message.channel
  const open = seesContent(message, viewer)
  const { webhook, interaction, replyToId } = message
  const mentions = message.mentions.users.map((account) => {
    const member = guild?.members.get(account.id)
    return { ...userView(account), ...(member !== undefined && { member: memberView(member) }) }
  })
  const view = {
    id: message.id,
    channel_id: message.channel.id,
    type: message.type,
    author:
      webhook === undefined
        ? userView(message.author)
        : { ...userView(message.author), id: webhook.id, username: webhook.name, bot: true },
    content: open ? message.content : '',
    attachments: open ? message.attachments : [],
    embeds: open ? message.embeds : [],
    components: open ? message.components : [],
    timestamp: madeAt(message.id).toISOString(),
    edited_timestamp: message.editedAt?.toISOString() ?? null,
    tts: false,
    mention_everyone: message.mentions.everyone,
    mentions,
    mention_roles: message.mentions.roles,
    pinned: false,
    flags: message.flags | (message.thread === undefined ? 0 : MessageFlags.HasThread),
    ...(message.applicationId !== undefined && { application_id: message.applicationId }),
    ...(webhook !== undefined && { webhook_id: webhook.id }),
    ...(interaction !== undefined && {
      webhook_id: message.applicationId,
      interaction_metadata: {
        id: interaction.id,
        type: interaction.type,
        user: userView(interaction.user),
        authorizing_integration_owners: {},
      },
      ...(interaction.name !== undefined && {
        interaction: { ...interaction, name: interaction.name, user: userView(interaction.user) },
      }),
    }),
    ...(message.thread !== undefined && { thread: channelView(message.thread, viewer.bot.account) }),
    ...(message.reactions.size > 0 && { reactions: reactionsView(message, viewer.bot.account) }),
    ...(message.forwarded !== undefined && forwardView(message.forwarded, open)),
    ...(replyToId !== undefined && replyView(world, message, replyToId, viewer)),
  }
  return view as unknown as APIMessage
}

/** Nothing tells whose words they were. */
function forwardView(original: NonNullable<Message['forwarded']>, open: boolean): object {
  const { id, channel, content, attachments, embeds, flags, mentions } = original
  const snapshot = {
    type: 0,
    content: open ? content : '',
    attachments: open ? attachments : [],
    embeds: open ? embeds : [],
    components: [],
    timestamp: madeAt(id).toISOString(),
    edited_timestamp: null,
    flags,
    mentions: mentions.users.map(userView),
    mention_roles: mentions.roles,
  }
  return {
    message_reference: { type: MessageReferenceType.Forward, message_id: id, channel_id: channel.id },
    message_snapshots: [{ message: snapshot }],
  }
}

function replyView(world: World, message: Message, replyToId: string, viewer: Viewer): object {
  const { channel, replyTo } = message
  const source = replyTo?.channel ?? channel
  // A thread's first message stands in the channel above it.
  const there = source.messages.get(replyToId)
  return {
    message_reference: {
      type: 0,
      message_id: replyToId,
      channel_id: source.id,
      ...(channel.guild !== undefined && { guild_id: channel.guild.id }),
    },
    // One level only: what is answered does not bring along what it answered itself.
    referenced_message:
      there === undefined
        ? null
        : messageView(world, { ...there, replyTo: undefined, replyToId: undefined }, viewer),
  }
}

function reactionsView(message: Message, viewer: Account): object[] {
  return [...message.reactions.values()].map(({ emoji, users }) => ({
    emoji,
    count: users.size,
    count_details: { burst: 0, normal: users.size },
    burst_colors: [],
    me: users.has(viewer.id),
    me_burst: false,
  }))
}

/** Told once, to those who hear or read of its making; history does not keep it. */
export const nonceView = ({ nonce }: Message): object => (nonce === undefined ? {} : { nonce })

/** A message as events carry it. Ephemeral ones come without their guild, as if they were direct. */
export function messageEvent(world: World, message: Message, viewer: Viewer): object {
  const { channel, author } = message
  const member = channel.guild?.members.get(author.id)
  const shown = channel.guild !== undefined && message.ephemeralFor === undefined
  return {
    ...messageView(world, message, viewer),
    channel_type: channel.type,
    ...(shown && { guild_id: channel.guild?.id }),
    ...(shown && member !== undefined && message.webhook === undefined && { member: memberView(member) }),
  }
}
