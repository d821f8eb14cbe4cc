import {
  type APIChannel,
  type APIGuildMember,
  type APIMessage,
  type APIUser,
  ChannelType,
  type GuildMemberFlags,
  MessageFlags,
  type UserFlags,
} from 'discord-api-types/v10'

import { isThread } from './permissions.ts'
import { madeAt } from './snowflake.ts'
import type { Account, Bot, Channel, Guild, Member, Message, Viewer, World } from './world.ts'

/** How each thing looks in the API's JSON. */

export function userView(account: Account): APIUser {
  return {
    id: account.id,
    username: account.username,
    discriminator: account.bot ? '0001' : '0',
    global_name: account.globalName,
    avatar: null,
    bot: account.bot,
    system: false,
    public_flags: 0 as UserFlags,
  }
}

export function memberView(member: Member): Omit<APIGuildMember, 'user'> {
  return {
    roles: [...member.roles],
    nick: member.nick,
    avatar: null,
    joined_at: member.joinedAt.toISOString(),
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    flags: 0 as GuildMemberFlags,
  }
}

export function fullMemberView(member: Member): APIGuildMember {
  return { ...memberView(member), user: userView(member.account) }
}

/** A direct channel shows the other one; `viewer` is who asks. */
export function channelView(channel: Channel, viewer: Account): APIChannel {
  const shared = { id: channel.id, type: channel.type, last_message_id: channel.lastMessageId, flags: 0 }
  if (channel.type === ChannelType.DM) {
    const others = channel.recipients.filter((account) => account !== viewer)
    return { ...shared, recipients: others.map(userView) } as APIChannel
  }
  const inGuild = {
    ...shared,
    guild_id: channel.guild?.id,
    name: channel.name,
    parent_id: channel.parent?.id ?? null,
    rate_limit_per_user: 0,
  }
  if (!isThread(channel)) {
    const overwrites = [...channel.overwrites.values()]
    const { topic, nsfw } = channel
    return { ...inGuild, position: 0, topic, nsfw, permission_overwrites: overwrites } as APIChannel
  }
  return {
    ...inGuild,
    owner_id: channel.ownerId,
    message_count: channel.messages.size,
    member_count: channel.joined.size,
    total_message_sent: channel.messages.size,
    thread_metadata: {
      archived: channel.archived,
      locked: channel.locked,
      auto_archive_duration: 1440,
      archive_timestamp: madeAt(channel.id).toISOString(),
      create_timestamp: madeAt(channel.id).toISOString(),
    },
    ...(channel.joined.has(viewer.id) && {
      member: { id: channel.id, user_id: viewer.id, join_timestamp: new Date().toISOString(), flags: 0 },
    }),
  } as unknown as APIChannel
}

export function guildView(guild: Guild): object {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    description: null,
    owner_id: guild.ownerId,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    roles: [...guild.roles.values()],
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: 'en-US',
    public_updates_channel_id: null,
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
    safety_alerts_channel_id: null,
  }
}

export function applicationView(bot: Bot): object {
  return {
    id: bot.applicationId,
    name: bot.name,
    icon: null,
    description: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: bot.flags,
    bot: userView(bot.account),
    team: null,
    owner: null,
    approximate_guild_count: 0,
  }
}

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
    ...(message.nonce !== undefined && { nonce: message.nonce }),
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
    ...(replyToId !== undefined && replyView(world, message, replyToId, viewer)),
  }
  return view as unknown as APIMessage
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
