import { ChannelType, OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10'

import type { Account, Channel, Guild } from './world.ts'

export type PermissionName = keyof typeof PermissionFlagsBits

export const bitsOf = (names: readonly PermissionName[]): bigint =>
  names.reduce((bits, name) => bits | PermissionFlagsBits[name], 0n)

/** What everybody may do in a new guild; ringing everybody is among it, as it is on Discord. */
export const everyonesPermissions = bitsOf([
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'ReadMessageHistory',
  'AddReactions',
  'EmbedLinks',
  'AttachFiles',
  'UseExternalEmojis',
  'UseApplicationCommands',
  'ChangeNickname',
  'MentionEveryone',
])

const all = bitsOf(Object.keys(PermissionFlagsBits) as PermissionName[])

export function guildPermissions(guild: Guild, account: Account): bigint {
  if (guild.ownerId === account.id) return all
  const member = guild.members.get(account.id)
  if (member === undefined) return 0n
  const roles = [guild.id, ...member.roles].map((id) => BigInt(guild.roles.get(id)?.permissions ?? 0))
  const bits = roles.reduce((sum, role) => sum | role, 0n)
  return (bits & PermissionFlagsBits.Administrator) === 0n ? bits : all
}

export function permissionsIn(channel: Channel, account: Account): bigint {
  const { guild } = channel
  if (guild === undefined) return channel.recipients.includes(account) ? everyonesPermissions : 0n
  // A thread has what the channel has that it hangs from.
  if (channel.parent !== undefined) return permissionsIn(channel.parent, account)
  let bits = guildPermissions(guild, account)
  if (bits === all) return all
  const member = guild.members.get(account.id)
  if (member === undefined) return 0n
  const apply = (ids: readonly string[], type: OverwriteType): void => {
    const found = ids.map((id) => channel.overwrites.get(id)).filter((overwrite) => overwrite?.type === type)
    for (const overwrite of found) bits &= ~BigInt(overwrite?.deny ?? 0)
    for (const overwrite of found) bits |= BigInt(overwrite?.allow ?? 0)
  }
  apply([guild.id], OverwriteType.Role)
  apply([...member.roles], OverwriteType.Role)
  apply([account.id], OverwriteType.Member)
  return bits
}

export function may(channel: Channel, account: Account, permission: PermissionName): boolean {
  return (permissionsIn(channel, account) & PermissionFlagsBits[permission]) !== 0n
}

export function maySee(channel: Channel, account: Account): boolean {
  if (channel.guild === undefined) return channel.recipients.includes(account)
  if (channel.type === ChannelType.PrivateThread && !channel.joined.has(account.id)) {
    return may(channel, account, 'ManageThreads')
  }
  return may(channel, account, 'ViewChannel')
}

export const isThread = ({ type }: Channel): boolean =>
  type === ChannelType.PublicThread ||
  type === ChannelType.PrivateThread ||
  type === ChannelType.AnnouncementThread
