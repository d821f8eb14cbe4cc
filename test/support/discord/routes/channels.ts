import { findChannel, need } from '../find.ts'
import { updateChannel } from '../places.ts'
import type { Routes } from '../router.ts'
import { channelView } from '../views.ts'
import type { World } from '../world.ts'

export function channelRoutes(world: World): Routes {
  return {
    'GET /channels/:channel': (call) => channelView(findChannel(world, call), call.bot.account),
    'PATCH /channels/:channel': (call) => {
      const channel = findChannel(world, call)
      need(channel, call.bot.account, channel.parent === undefined ? 'ManageChannels' : 'ManageThreads')
      updateChannel(world, channel, call.body)
      return channelView(channel, call.bot.account)
    },
  }
}
