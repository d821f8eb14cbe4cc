import { type APIApplicationCommand, ApplicationCommandType } from 'discord-api-types/v10'

import { ApiError, invalidForm, refuse } from '../api-error.ts'
import type { Json } from '../body.ts'
import { checkCommand, commandFrom } from '../command-rules.ts'
import { type Call, Created, type Routes } from '../router.ts'
import type { World } from '../world.ts'

const mostCommands = 100

/** Those of an application, everywhere; none of one guild. */
export function commandRoutes(world: World): Routes {
  const own = ({ params, bot }: Call): Map<string, APIApplicationCommand> => {
    if (params.application !== bot.applicationId) {
      throw new ApiError(403, 20012, 'You are not authorized to perform this action on this application')
    }
    return bot.commands
  }
  const find = (call: Call): APIApplicationCommand => {
    const command = own(call).get(call.params.command ?? '')
    if (command === undefined) throw refuse('unknownCommand')
    return command
  }
  const same = (call: Call, body: Json): APIApplicationCommand | undefined =>
    [...own(call).values()].find(({ name, type }) => name === body.name && type === (body.type ?? 1))
  const make = (call: Call, body: Json, id = world.newId()): APIApplicationCommand =>
    commandFrom(id, call.bot.applicationId, world.newId(), body)

  return {
    'GET /applications/:application/commands': (call) => [...own(call).values()],
    'PUT /applications/:application/commands': (call) => {
      const list = call.json as readonly Json[]
      if (!Array.isArray(list) || list.length > mostCommands) {
        const message = `Must be ${mostCommands} or fewer in length.`
        throw invalidForm({ at: '', code: 'BASE_TYPE_MAX_LENGTH', message })
      }
      const names = new Set<string>()
      for (const [index, body] of list.entries()) {
        checkCommand(body, `${index}`)
        const key = `${body.type ?? 1} ${body.name}`
        if (names.has(key)) {
          const message = 'Application command names must be unique'
          throw invalidForm({ at: `${index}`, code: 'APPLICATION_COMMANDS_DUPLICATE_NAME', message })
        }
        names.add(key)
      }
      const isEntry = ({ type }: { readonly type?: unknown }): boolean =>
        type === ApplicationCommandType.PrimaryEntryPoint
      if ([...own(call).values()].some(isEntry) && !list.some(isEntry)) throw refuse('entryPointRemoved')
      // A command that stays keeps its id.
      const next = list.map((body) => make(call, body, same(call, body)?.id))
      own(call).clear()
      for (const command of next) own(call).set(command.id, command)
      world.changed()
      return next
    },
    'POST /applications/:application/commands': (call) => {
      checkCommand(call.body)
      const there = same(call, call.body)
      const command = make(call, call.body, there?.id)
      own(call).set(command.id, command)
      world.changed()
      return there === undefined ? new Created(command) : command
    },
    'GET /applications/:application/commands/:command': find,
    'PATCH /applications/:application/commands/:command': (call) => {
      const there = find(call)
      const body = { ...there, ...call.body }
      checkCommand(body)
      const command = make(call, body, there.id)
      own(call).set(command.id, command)
      return command
    },
    'DELETE /applications/:application/commands/:command': (call) => {
      own(call).delete(find(call).id)
      world.changed()
    },
  }
}
