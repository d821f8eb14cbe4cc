import { ChannelType } from 'discord-api-types/v10'

import { invalidForm, refuse } from '../api-error.ts'
import { findChannel, findMessage, need } from '../find.ts'
import { countCharacters } from '../message-body.ts'
import { isThread } from '../permissions.ts'
import { type Call, Created, type Routes } from '../router.ts'
import { joinThread, leaveThread, startThread } from '../threads.ts'
import { channelView } from '../views.ts'
import type { Account, Channel, World } from '../world.ts'

export function threadRoutes(world: World): Routes {
  const nameOf = ({ body }: Call): string => {
    const name = typeof body.name === 'string' ? body.name : ''
    const length = countCharacters(name)
    if (length >= 1 && length <= 100) return name
    const message = 'Must be between 1 and 100 in length.'
    throw invalidForm({ at: 'name', code: 'BASE_TYPE_BAD_LENGTH', message })
  }
  const threadOf = (call: Call): Channel => {
    const thread = findChannel(world, call)
    if (!isThread(thread)) throw refuse('wrongChannelType')
    return thread
  }
  const whom = (call: Call): Account => {
    const account =
      call.params.member === '@me' ? call.bot.account : world.accounts.get(call.params.member ?? '')
    if (account === undefined) throw refuse('unknownUser')
    return account
  }
  const parentOf = (call: Call): Channel => {
    const channel = findChannel(world, call)
    if (channel.guild === undefined || isThread(channel)) throw refuse('wrongChannelType')
    return channel
  }

  return {
    'POST /channels/:channel/messages/:message/threads': (call) => {
      const channel = parentOf(call)
      const message = findMessage(channel, call.params.message)
      need(channel, call.bot.account, 'CreatePublicThreads')
      if (message.thread !== undefined) throw refuse('threadExists')
      const thread = startThread(world, channel, call.bot.account, nameOf(call), message)
      return new Created(channelView(thread, call.bot.account))
    },
    'POST /channels/:channel/threads': (call) => {
      const channel = parentOf(call)
      // Discord makes it private where nothing is said.
      const type = (call.body.type ?? ChannelType.PrivateThread) as ChannelType
      const hidden = type === ChannelType.PrivateThread
      need(channel, call.bot.account, hidden ? 'CreatePrivateThreads' : 'CreatePublicThreads')
      const thread = startThread(world, channel, call.bot.account, nameOf(call), undefined, type)
      return new Created(channelView(thread, call.bot.account))
    },
    'PUT /channels/:channel/thread-members/:member': (call) => {
      const thread = threadOf(call)
      if (thread.archived) throw refuse('archivedThread')
      joinThread(world, thread, whom(call))
    },
    'DELETE /channels/:channel/thread-members/:member': (call) =>
      leaveThread(world, threadOf(call), whom(call)),
    'GET /channels/:channel/thread-members': (call) => {
      const thread = threadOf(call)
      return [...thread.joined].map((id) => ({ id: thread.id, user_id: id, join_timestamp: null, flags: 0 }))
    },
  }
}
