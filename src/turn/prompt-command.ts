import type { Adapter } from '../core/adapter.ts'
import type { Platform } from '../core/conversation.ts'
import type { CommandEvent } from '../core/events.ts'
import type { ExternalId } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import { type AgainTools, promptAgain } from './again.ts'
import { noPromptYet, promptText } from './prompt-words.ts'

export interface PromptCommandTools extends AgainTools {
  /** Whether somebody runs this Hearth, by what their platform calls them. */
  readonly isOperator: (platform: Platform, user: ExternalId) => boolean
}

const patienceMs = 30_000

/** Carries out `prompt`: what is told of it, to whoever gave it. Throws `HearthError`. */
export async function promptCommand(
  { room, sender }: CommandEvent,
  doorway: Doorway,
  limits: Adapter['limits'],
  tools: PromptCommandTools,
): Promise<string> {
  if (!limits.operator && !tools.isOperator(doorway.platform, sender.externalId))
    return 'I show that to whoever runs this Hearth, and to nobody else.'
  if (room.kind === 'group' && !limits.answersAlone)
    return `I show that only where nobody else reads it. At the machine: npx hearth persona prompt ${doorway.persona} --room and the id of this room.`
  const persona = tools.personas.get(doorway.persona)
  const last = await tools.history.readLast(doorway, room)
  if (persona === undefined || last === undefined) return noPromptYet
  const again = await promptAgain(last, persona, tools, AbortSignal.timeout(patienceMs))
  return again === undefined ? noPromptYet : promptText(last, again, persona.name)
}
