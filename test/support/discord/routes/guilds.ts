import { refuse } from '../api-error.ts'
import { findGuild } from '../find.ts'
import { isThread, maySee } from '../permissions.ts'
import type { Call, Routes } from '../router.ts'
import { channelView, fullMemberView, guildView } from '../views.ts'
import type { Member, World } from '../world.ts'

export function guildRoutes(world: World): Routes {
  const memberOf = (call: Call, id: string | undefined): Member => {
    const guild = findGuild(world, call)
    const member = guild.members.get(id === '@me' ? call.bot.account.id : (id ?? ''))
    if (member === undefined) throw refuse(world.accounts.has(id ?? '') ? 'unknownMember' : 'unknownUser')
    return member
  }
  return {
    'GET /users/@me/guilds': ({ bot }) =>
      [...world.guilds.values()]
        .filter(({ members }) => members.has(bot.account.id))
        .map(({ id, name, ownerId }) => ({
          id,
          name,
          icon: null,
          owner: ownerId === bot.account.id,
          permissions: '0',
          features: [],
        })),
    'GET /guilds/:guild': (call) => guildView(findGuild(world, call)),
    'GET /guilds/:guild/roles': (call) => [...findGuild(world, call).roles.values()],
    'GET /guilds/:guild/channels': (call) => {
      const guild = findGuild(world, call)
      return [...world.channels.values()]
        .filter((channel) => channel.guild === guild && !isThread(channel))
        .map((channel) => channelView(channel, call.bot.account))
    },
    'GET /guilds/:guild/threads/active': (call) => {
      const guild = findGuild(world, call)
      const threads = [...world.channels.values()].filter(
        (channel) =>
          channel.guild === guild &&
          isThread(channel) &&
          !channel.archived &&
          maySee(channel, call.bot.account),
      )
      return { threads: threads.map((thread) => channelView(thread, call.bot.account)), members: [] }
    },
    'GET /guilds/:guild/members/search': (call) => {
      const query = call.query.get('query') ?? ''
      const limit = Number(call.query.get('limit') ?? 1)
      return [...findGuild(world, call).members.values()]
        .filter(({ account, nick }) => account.username.startsWith(query) || nick?.startsWith(query))
        .slice(0, limit)
        .map(fullMemberView)
    },
    'GET /guilds/:guild/members/:member': (call) => fullMemberView(memberOf(call, call.params.member)),
    'GET /guilds/:guild/members': (call) => {
      const limit = Number(call.query.get('limit') ?? 1)
      return [...findGuild(world, call).members.values()].slice(0, limit).map(fullMemberView)
    },
    'PATCH /guilds/:guild/members/:member': (call) => {
      const member = memberOf(call, call.params.member)
      if (call.params.member !== '@me') throw refuse('missingPermissions')
      if (typeof call.body.nick === 'string') member.nick = call.body.nick === '' ? null : call.body.nick
      return fullMemberView(member)
    },
  }
}
