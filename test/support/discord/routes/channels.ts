import type { Json } from '../body.ts'
import { findChannel, need } from '../find.ts'
import { isThread, type PermissionName } from '../permissions.ts'
import { updateChannel } from '../places.ts'
import type { Routes } from '../router.ts'
import { channelView } from '../views.ts'
import type { Channel, World } from '../world.ts'

export function channelRoutes(world: World): Routes {
  return {
    'GET /channels/:channel': (call) => channelView(findChannel(world, call), call.bot.account),
    'PATCH /channels/:channel': (call) => {
      const channel = findChannel(world, call)
      need(channel, call.bot.account, neededFor(channel, call.body))
      updateChannel(world, channel, call.body)
      return channelView(channel, call.bot.account)
    },
  }
}

/** Whoever may talk in a thread may take it out of the archive, unless it is locked. */
function neededFor(channel: Channel, body: Json): PermissionName {
  if (!isThread(channel)) return 'ManageChannels'
  const opens = Object.keys(body).join() === 'archived' && body.archived === false
  return opens && !channel.locked ? 'SendMessagesInThreads' : 'ManageThreads'
}
