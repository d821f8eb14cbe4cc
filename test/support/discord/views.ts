import {
  type APIChannel,
  type APIGuildMember,
  type APIUser,
  ChannelType,
  type GuildMemberFlags,
  type UserFlags,
} from 'discord-api-types/v10'

import { isThread } from './permissions.ts'
import { madeAt } from './snowflake.ts'
import type { Account, Bot, Channel, Guild, Member } from './world.ts'

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
