import { ChannelType, GatewayIntentBits } from 'discord-api-types/v10'

import { refuse } from './api-error.ts'
import { may, maySee, type PermissionName } from './permissions.ts'
import type { Call } from './router.ts'
import type { Account, Bot, Channel, Guild, Message, Viewer, World } from './world.ts'

/** What an address names, or the refusal that Discord gives where it is not there or not for this bot. */

export function findChannel(world: World, { params, bot }: Pick<Call, 'params' | 'bot'>): Channel {
  const channel = world.channels.get(params.channel ?? '')
  if (channel === undefined) throw refuse('unknownChannel')
  if (!maySee(channel, bot.account)) throw refuse('missingAccess')
  return channel
}

export function findMessage(channel: Channel, id: string | undefined): Message {
  const message = channel.messages.get(id ?? '')
  // What only one person sees is not in the channel for anybody else.
  if (message === undefined || message.ephemeralFor !== undefined) throw refuse('unknownMessage')
  return message
}

export function findGuild(world: World, { params, bot }: Call): Guild {
  const guild = world.guilds.get(params.guild ?? '')
  if (guild === undefined) throw refuse('unknownGuild')
  if (!guild.members.has(bot.account.id)) throw refuse('missingAccess')
  return guild
}

export function need(channel: Channel, account: Account, permission: PermissionName): void {
  if (channel.guild !== undefined && !may(channel, account, permission)) throw refuse('missingPermissions')
}

/** The one who a bot talks with in a direct channel. */
export function counterpart(channel: Channel, account: Account): Account | undefined {
  return channel.type === ChannelType.DM ? channel.recipients.find((other) => other !== account) : undefined
}

/** Over HTTP the switch in the developer portal counts, whatever a session asked for. */
export const viewerOf = (bot: Bot): Viewer => ({
  bot,
  intents: 0,
  seesContent: (bot.privileged & GatewayIntentBits.MessageContent) !== 0,
})
