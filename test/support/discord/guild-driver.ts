import { type APIRole, ChannelType, OverwriteType } from 'discord-api-types/v10'

import { createMessage, deleteMessages } from './messages.ts'
import { bitsOf, type PermissionName } from './permissions.ts'
import type { Person } from './person.ts'
import {
  addGuild,
  addGuildChannel,
  addMember,
  addRole,
  changeRole,
  deleteChannel,
  giveRole,
  removeMember,
  setOverwrite,
  updateChannel,
} from './places.ts'
import { shardOf } from './snowflake.ts'
import { addWebhook, removeWebhook, webhookAuthor } from './webhooks.ts'
import type { Account, Bot, Channel, Guild, Message, Webhook, World } from './world.ts'

export type Somebody = Pick<Person, 'account'> | Pick<Bot, 'account'>

/** A guild as its owner arranges it. */
export interface Place {
  readonly guild: Guild
  addChannel(name: string, options?: ChannelOptions): Channel
  deleteChannel(channel: Channel): void
  updateChannel(
    channel: Channel,
    changes: Pick<Partial<Channel>, 'name' | 'topic' | 'nsfw' | 'archived' | 'locked'>,
  ): void
  /** As a moderator does it. */
  bulkDelete(channel: Channel, messages: readonly { readonly id: string }[]): void
  /** Made by the owner, or by somebody's application. */
  addWebhook(channel: Channel, name: string, creator?: Somebody): Webhook
  removeWebhook(webhook: Webhook): void
  /** Says something through a webhook. */
  sayThrough(webhook: Webhook, text: string): Message
  addRole(name: string, options?: RoleOptions): APIRole
  changeRole(role: APIRole, permissions: readonly PermissionName[]): void
  giveRole(somebody: Somebody, role: APIRole): void
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
    updateChannel: (channel, changes) => updateChannel(world, channel, changes),
    bulkDelete: (channel, messages) =>
      deleteMessages(
        world,
        channel,
        messages.map(({ id }) => id),
      ),
    addWebhook: (channel, webhookName, creator) =>
      addWebhook(world, channel, creator?.account ?? owner, webhookName),
    removeWebhook: (webhook) => removeWebhook(world, webhook),
    sayThrough: (webhook, content) =>
      createMessage(world, webhook.channel, webhookAuthor(webhook, webhook.name), { content, webhook }),
    addRole(roleName, { members = [], permissions = [], mentionable = false } = {}) {
      const role = addRole(world, guild, roleName, bitsOf(permissions), mentionable)
      for (const { account } of members) guild.members.get(account.id)?.roles.add(role.id)
      return role
    },
    changeRole: (role, permissions) => changeRole(world, guild, role, bitsOf(permissions)),
    giveRole: ({ account }, role) => giveRole(world, guild, account, role),
    add(somebody, permissions = []) {
      const { account } = somebody
      const own = account.bot
        ? [addRole(world, guild, account.username, bitsOf(permissions), false, account).id]
        : []
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
  // The shard is in the milliseconds: it takes as many of them as there are shards.
  for (;;) {
    const id = world.newId()
    if (shardOf(id, shard[1]) === shard[0]) return id
  }
}
