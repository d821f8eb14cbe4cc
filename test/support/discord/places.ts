import { type APIRole, ChannelType, GatewayIntentBits, type OverwriteType } from 'discord-api-types/v10'

import type { Json } from './body.ts'
import { guildCreate } from './guild-create.ts'
import { everyonesPermissions, isThread } from './permissions.ts'
import { channelView, fullMemberView } from './views.ts'
import { type Account, botOf, type Channel, type Guild, type Member, type World } from './world.ts'

/** Guilds, who is in them, and the channels of both kinds. */

function addChannel(world: World, given: Partial<Channel> & Pick<Channel, 'type' | 'name'>): Channel {
  const channel: Channel = {
    id: world.newId(),
    guild: undefined,
    topic: null,
    nsfw: false,
    overwrites: new Map(),
    recipients: [],
    messages: new Map(),
    parent: undefined,
    ownerId: undefined,
    joined: new Set(),
    archived: false,
    locked: false,
    lastMessageId: null,
    ...given,
  }
  world.channels.set(channel.id, channel)
  return channel
}

/** No event tells of it: a bot learns of a direct channel from the first message. */
export function openDirect(world: World, one: Account, other: Account): Channel {
  const there = [...world.channels.values()].find(
    ({ type, recipients }) =>
      type === ChannelType.DM && recipients.includes(one) && recipients.includes(other),
  )
  return there ?? addChannel(world, { type: ChannelType.DM, name: '', recipients: [one, other] })
}

export function addGuild(world: World, name: string, ownerId: string, id = world.newId()): Guild {
  const everyone = newRole(id, '@everyone', everyonesPermissions, false)
  const guild: Guild = { id, name, ownerId, roles: new Map([[id, everyone]]), members: new Map() }
  world.guilds.set(id, guild)
  return guild
}

function newRole(
  id: string,
  name: string,
  permissions: bigint,
  mentionable: boolean,
  bot?: Account,
): APIRole {
  return {
    id,
    name,
    permissions: String(permissions),
    mentionable,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: bot !== undefined,
    ...(bot !== undefined && { tags: { bot_id: bot.id } }),
    position: 0,
    flags: 0,
  } as unknown as APIRole
}

/** `bot`: whose own it is. */
export function addRole(
  world: World,
  guild: Guild,
  name: string,
  permissions: bigint,
  mentionable: boolean,
  bot?: Account,
): APIRole {
  const role = newRole(world.newId(), name, permissions, mentionable, bot)
  guild.roles.set(role.id, role)
  const data = { guild_id: guild.id, role }
  world.publish({
    t: 'GUILD_ROLE_CREATE',
    intents: GatewayIntentBits.Guilds,
    guildId: guild.id,
    data: () => data,
  })
  return role
}

export function changeRole(world: World, guild: Guild, role: APIRole, permissions: bigint): void {
  role.permissions = String(permissions)
  const data = { guild_id: guild.id, role }
  world.publish({
    t: 'GUILD_ROLE_UPDATE',
    intents: GatewayIntentBits.Guilds,
    guildId: guild.id,
    data: () => data,
  })
  world.changed()
}

/** Bots hear of themselves whatever they have asked for. */
export function giveRole(world: World, guild: Guild, account: Account, role: APIRole): void {
  const member = guild.members.get(account.id)
  if (member === undefined) throw new Error(`${account.username} is not in ${guild.name}.`)
  member.roles.add(role.id)
  const data = (): object => ({ ...fullMemberView(member), guild_id: guild.id })
  for (const bot of world.bots) {
    const intents = bot.account === account ? 0 : GatewayIntentBits.GuildMembers
    world.publish({ t: 'GUILD_MEMBER_UPDATE', intents, guildId: guild.id, only: bot, data })
  }
  world.changed()
}

export function setOverwrite(
  world: World,
  channel: Channel,
  id: string,
  type: OverwriteType,
  side: 'allow' | 'deny',
  permissions: bigint,
): void {
  const { allow, deny } = channel.overwrites.get(id) ?? { allow: '0', deny: '0' }
  const given = { allow: BigInt(allow), deny: BigInt(deny) }
  const other = side === 'allow' ? 'deny' : 'allow'
  given[side] |= permissions
  given[other] &= ~permissions
  channel.overwrites.set(id, { id, type, allow: String(given.allow), deny: String(given.deny) })
  tellOfChannel(world, channel, 'CHANNEL_UPDATE')
}

export function addMember(
  world: World,
  guild: Guild,
  account: Account,
  roles: readonly string[] = [],
): Member {
  const member: Member = { account, roles: new Set(roles), nick: null, joinedAt: new Date() }
  guild.members.set(account.id, member)
  for (const other of guild.members.values()) {
    other.account.apart.delete(account.id)
    account.apart.delete(other.account.id)
  }
  const bot = botOf(world, account)
  if (bot !== undefined) {
    world.publish({
      t: 'GUILD_CREATE',
      intents: GatewayIntentBits.Guilds,
      guildId: guild.id,
      only: bot,
      data: ({ intents }) => guildCreate(world, guild, { bot, intents }),
    })
  }
  world.publish({
    t: 'GUILD_MEMBER_ADD',
    intents: GatewayIntentBits.GuildMembers,
    guildId: guild.id,
    data: () => ({ ...fullMemberView(member), guild_id: guild.id }),
  })
  world.changed()
  return member
}

export function removeMember(world: World, guild: Guild, account: Account): void {
  guild.members.delete(account.id)
  for (const other of guild.members.values()) {
    const shared = [...world.guilds.values()].some(
      ({ members }) => members.has(account.id) && members.has(other.account.id),
    )
    if (shared) continue
    if (other.account.bot) account.apart.add(other.account.id)
    if (account.bot) other.account.apart.add(account.id)
  }
  const data = { guild_id: guild.id, user: { id: account.id, username: account.username } }
  world.publish({
    t: 'GUILD_MEMBER_REMOVE',
    intents: GatewayIntentBits.GuildMembers,
    guildId: guild.id,
    data: () => data,
  })
  const bot = botOf(world, account)
  // Without `unavailable`: it was put out, the guild is not merely away.
  if (bot !== undefined) {
    const gone = { id: guild.id }
    world.publish({
      t: 'GUILD_DELETE',
      intents: GatewayIntentBits.Guilds,
      guildId: guild.id,
      only: bot,
      data: () => gone,
    })
  }
  world.changed()
}

export function addGuildChannel(
  world: World,
  guild: Guild,
  given: Partial<Channel> & Pick<Channel, 'type' | 'name'>,
): Channel {
  const channel = addChannel(world, { ...given, guild })
  tellOfChannel(world, channel, isThread(channel) ? 'THREAD_CREATE' : 'CHANNEL_CREATE')
  return channel
}

export function updateChannel(world: World, channel: Channel, changes: Json): void {
  if (typeof changes.name === 'string') channel.name = changes.name
  if (typeof changes.topic === 'string') channel.topic = changes.topic
  if (typeof changes.nsfw === 'boolean') channel.nsfw = changes.nsfw
  if (typeof changes.archived === 'boolean') channel.archived = changes.archived
  if (typeof changes.locked === 'boolean') channel.locked = changes.locked
  tellOfChannel(world, channel, isThread(channel) ? 'THREAD_UPDATE' : 'CHANNEL_UPDATE')
}

export function deleteChannel(world: World, channel: Channel): void {
  tellOfChannel(world, channel, isThread(channel) ? 'THREAD_DELETE' : 'CHANNEL_DELETE')
  world.channels.delete(channel.id)
  world.changed()
}

function tellOfChannel(world: World, channel: Channel, t: string): void {
  world.publish({
    t,
    intents: GatewayIntentBits.Guilds,
    guildId: channel.guild?.id,
    channel,
    data: ({ bot }) => ({
      ...channelView(channel, bot.account),
      ...(t === 'THREAD_CREATE' && { newly_created: true }),
    }),
  })
  world.changed()
}
