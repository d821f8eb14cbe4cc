import { GatewayIntentBits } from 'discord-api-types/v10'

import { tell } from './messages.ts'
import { fullMemberView } from './views.ts'
import type { Account, Channel, Message, Reaction, World } from './world.ts'

const intentsIn = (channel: Channel): number =>
  channel.guild === undefined
    ? GatewayIntentBits.DirectMessageReactions
    : GatewayIntentBits.GuildMessageReactions

/** `👍`, or `name:id` where it is a guild's own. */
export function readEmoji(text: string): Reaction['emoji'] | undefined {
  const custom = /^<?(?:a?:)?(\w{2,32}):(\d{15,20})>?$/.exec(text)
  if (custom !== null) return { id: custom[2] ?? null, name: custom[1] ?? '' }
  return /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(text)
    ? { id: null, name: text }
    : undefined
}

const keyOf = ({ id, name }: Reaction['emoji']): string => id ?? name

export function react(world: World, message: Message, account: Account, emoji: Reaction['emoji']): void {
  const reaction = message.reactions.get(keyOf(emoji)) ?? { emoji, users: new Set() }
  message.reactions.set(keyOf(emoji), reaction)
  if (reaction.users.has(account.id)) return
  reaction.users.add(account.id)
  const member = message.channel.guild?.members.get(account.id)
  tell(
    world,
    message.channel,
    'MESSAGE_REACTION_ADD',
    {
      ...base(message, account, emoji),
      message_author_id: message.author.id,
      ...(member !== undefined && { member: fullMemberView(member) }),
    },
    intentsIn(message.channel),
  )
  world.changed()
}

export function unreact(world: World, message: Message, account: Account, emoji: Reaction['emoji']): void {
  const reaction = message.reactions.get(keyOf(emoji))
  if (reaction === undefined || !reaction.users.delete(account.id)) return
  if (reaction.users.size === 0) message.reactions.delete(keyOf(emoji))
  const data = base(message, account, emoji)
  tell(world, message.channel, 'MESSAGE_REACTION_REMOVE', data, intentsIn(message.channel))
  world.changed()
}

/** All of them, or all of one emoji. */
export function clearReactions(world: World, message: Message, emoji?: Reaction['emoji']): void {
  const t = emoji === undefined ? 'MESSAGE_REACTION_REMOVE_ALL' : 'MESSAGE_REACTION_REMOVE_EMOJI'
  if (emoji === undefined) message.reactions.clear()
  else message.reactions.delete(keyOf(emoji))
  const data = {
    channel_id: message.channel.id,
    message_id: message.id,
    ...(emoji !== undefined && { emoji }),
  }
  tell(world, message.channel, t, data, intentsIn(message.channel))
  world.changed()
}

const base = (message: Message, account: Account, emoji: Reaction['emoji']): object => ({
  user_id: account.id,
  channel_id: message.channel.id,
  message_id: message.id,
  emoji,
  burst: false,
  type: 0,
})
