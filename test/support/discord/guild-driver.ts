import { type APIRole, ChannelType, OverwriteType } from 'discord-api-types/v10'

import { bitsOf, type PermissionName } from './permissions.ts'
import type { Person } from './person.ts'
import {
  addGuild,
  addGuildChannel,
  addMember,
  addRole,
  deleteChannel,
  removeMember,
  setOverwrite,
} from './places.ts'
import { shardOf } from './snowflake.ts'
import type { Account, Bot, Channel, Guild, World } from './world.ts'

export type Somebody = Pick<Person, 'account'> | Pick<Bot, 'account'>

/** A guild as its owner arranges it. */
export interface Place {
  readonly guild: Guild
  addChannel(name: string, options?: ChannelOptions): Channel
  deleteChannel(channel: Channel): void
  addRole(name: string, options?: RoleOptions): APIRole
  /** A bot brings a role of its own, with the permissions that it was let in with. */
  add(somebody: Somebody, permissions?: readonly PermissionName[]): void
  remove(somebody: Somebody): void
  /** What somebody, a role, or with `guild.id` everybody may not do in one channel. */
  forbid(channel: Channel, whom: Somebody | string, permissions: readonly PermissionName[]): void
  allow(channel: Channel, whom: Somebody | string, permissions: readonly PermissionName[]): void
}

export interface ChannelOptions {
  readonly type?: ChannelType
  readonly topic?: string
  readonly nsfw?: boolean
}

export interface RoleOptions {
  readonly members?: readonly Somebody[]
  readonly permissions?: readonly PermissionName[]
  readonly mentionable?: boolean
}

export interface GuildOptions {
  readonly members?: readonly Person[]
  readonly bots?: readonly Bot[]
  /** Gives the guild an id that belongs to this shard of so many. */
  readonly shard?: readonly [id: number, count: number]
}

export function createPlace(world: World, name: string, owner: Account, options: GuildOptions = {}): Place {
  const guild = addGuild(world, name, owner.id, idOnShard(world, options.shard))
  const place: Place = {
    guild,
    addChannel: (channelName, { type = ChannelType.GuildText, ...rest } = {}) =>
      addGuildChannel(world, guild, { type, name: channelName, ...rest }),
    deleteChannel: (channel) => deleteChannel(world, channel),
    addRole(roleName, { members = [], permissions = [], mentionable = false } = {}) {
      const role = addRole(world, guild, roleName, bitsOf(permissions), mentionable)
      for (const { account } of members) guild.members.get(account.id)?.roles.add(role.id)
      return role
    },
    add(somebody, permissions = []) {
      const { account } = somebody
      const own = account.bot ? [addRole(world, guild, account.username, bitsOf(permissions), false).id] : []
      addMember(world, guild, account, own)
    },
    remove: ({ account }) => removeMember(world, guild, account),
    forbid: (channel, whom, permissions) =>
      setOverwrite(world, channel, ...target(whom), 'deny', bitsOf(permissions)),
    allow: (channel, whom, permissions) =>
      setOverwrite(world, channel, ...target(whom), 'allow', bitsOf(permissions)),
  }
  addMember(world, guild, owner)
  for (const somebody of [...(options.members ?? []), ...(options.bots ?? [])]) place.add(somebody)
  return place
}

const target = (whom: Somebody | string): [id: string, type: OverwriteType] =>
  typeof whom === 'string' ? [whom, OverwriteType.Role] : [whom.account.id, OverwriteType.Member]

function idOnShard(world: World, shard: GuildOptions['shard']): string {
  if (shard === undefined) return world.newId()
  for (let atMs = Date.now(); ; atMs++) {
    const id = world.newId(atMs)
    if (shardOf(id, shard[1]) === shard[0] && !world.guilds.has(id)) return id
  }
}
