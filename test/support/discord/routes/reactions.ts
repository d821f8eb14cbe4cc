import { refuse } from '../api-error.ts'
import { findChannel, findMessage, need } from '../find.ts'
import { clearReactions, react, readEmoji, unreact } from '../reactions.ts'
import type { Call, Routes } from '../router.ts'
import { userView } from '../views.ts'
import type { Account, Message, Reaction, World } from '../world.ts'

export function reactionRoutes(world: World): Routes {
  const read = (call: Call): { message: Message; emoji: Reaction['emoji'] } => {
    const channel = findChannel(world, call)
    const message = findMessage(channel, call.params.message)
    const emoji = readEmoji(call.params.emoji ?? '')
    if (emoji === undefined) throw refuse('unknownEmoji')
    return { message, emoji }
  }
  const whom = (call: Call): Account => {
    if (call.params.user === '@me') return call.bot.account
    const account = world.accounts.get(call.params.user ?? '')
    if (account === undefined) throw refuse('unknownUser')
    return account
  }
  const manage = (call: Call): void => {
    const channel = findChannel(world, call)
    if (channel.guild === undefined) throw refuse('notInDirectMessages')
    need(channel, call.bot.account, 'ManageMessages')
  }

  return {
    'PUT /channels/:channel/messages/:message/reactions/:emoji/:user': (call) => {
      const { message, emoji } = read(call)
      if (call.params.user !== '@me') throw refuse('methodNotAllowed')
      const there = [...message.reactions.values()].some(
        (reaction) => reaction.emoji.name === emoji.name && reaction.emoji.id === emoji.id,
      )
      need(message.channel, call.bot.account, 'ReadMessageHistory')
      if (!there) need(message.channel, call.bot.account, 'AddReactions')
      react(world, message, call.bot.account, emoji)
    },
    'DELETE /channels/:channel/messages/:message/reactions/:emoji/:user': (call) => {
      const { message, emoji } = read(call)
      const account = whom(call)
      if (account !== call.bot.account) manage(call)
      unreact(world, message, account, emoji)
    },
    'GET /channels/:channel/messages/:message/reactions/:emoji': (call) => {
      const { message, emoji } = read(call)
      const users = message.reactions.get(emoji.id ?? emoji.name)?.users ?? []
      return [...users].flatMap((id) => world.accounts.get(id) ?? []).map(userView)
    },
    'DELETE /channels/:channel/messages/:message/reactions/:emoji': (call) => {
      const { message, emoji } = read(call)
      manage(call)
      clearReactions(world, message, emoji)
    },
    'DELETE /channels/:channel/messages/:message/reactions': (call) => {
      manage(call)
      clearReactions(world, findMessage(findChannel(world, call), call.params.message))
    },
  }
}
