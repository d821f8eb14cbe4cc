import { type CommandEvent, commands } from '../core/events.ts'
import type { PersonaId } from '../core/ids.ts'
import { nearest } from '../core/nearest.ts'
import type { Persona } from '../core/persona.ts'
import type { Doorway, RoomManners } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { inRoom, roomSettings } from './room-settings.ts'

export interface MannersCommandTools {
  readonly manners: RoomManners
  readonly personas: ReadonlyMap<PersonaId, Persona>
  /** How long a room settles where nobody says otherwise. */
  readonly settleMs: number
}

const parts = commands.find(({ name }) => name === 'manners')?.parts ?? []

/** Carries out `manners …`: what is told of it. Throws `HearthError`. */
export async function mannersCommand(
  event: CommandEvent,
  doorway: Doorway,
  tools: MannersCommandTools,
): Promise<string> {
  const persona = tools.personas.get(doorway.persona)
  if (persona === undefined) return 'Nobody speaks here.'
  const words = cleanText(event.text ?? '')
    .trim()
    .toLowerCase()
  const [, part = '', said = ''] = /^(\S*)\s*(.*)$/s.exec(words) ?? []
  const setting = roomSettings.find(({ name }) => name === part)
  if (part === '' || part === 'show') return await show(persona, event, doorway, tools)
  if (setting === undefined && part !== 'reset') return usage(part)
  const value = setting?.read(said)
  if (setting !== undefined && value === undefined && said !== 'usual')
    return `${part} takes ${parts.find(({ name }) => name === part)?.takes ?? ''}: manners ${part} …`
  const room = await tools.manners.roomToChange(doorway, event)
  if (room === undefined) return 'Only those who talk here may set that.'
  const change =
    setting === undefined
      ? Object.fromEntries(roomSettings.map(({ name }) => [name, undefined]))
      : { [setting.name]: value }
  const set = await tools.manners.change(room, persona.id, change)
  return lines(persona, set, tools, setting?.name)
}

async function show(
  persona: Persona,
  event: CommandEvent,
  doorway: Doorway,
  tools: MannersCommandTools,
): Promise<string> {
  const room = await tools.manners.findRoom(doorway, event.room)
  const set = room === undefined ? {} : await tools.manners.read(room, persona.id)
  return lines(persona, set, tools)
}

/** What holds, and where it comes from: all of it, or one. */
function lines(
  persona: Persona,
  set: Readonly<Record<string, string>>,
  { settleMs }: MannersCommandTools,
  only?: string,
): string {
  const here = inRoom(persona, set)
  return roomSettings
    .filter(({ name }) => only === undefined || name === only)
    .map(({ name, shown, otherwise }) => {
      if (set[name] !== undefined) return `${name}: ${shown(here)} (set here: ${set[name]})`
      const own = shown(persona)
      if (own !== undefined) return `${name}: ${own} (${persona.name}'s own)`
      return name === 'settle' ? `${name}: ${settleMs / 1_000}s (the house's)` : `${name}: ${otherwise}`
    })
    .join('\n')
}

function usage(part: string): string {
  const names = parts.map(({ name }) => name)
  const meant = nearest(part, names)
  return meant === undefined
    ? `Say what: ${parts.map(({ name, takes }) => `manners ${name}${takes === undefined ? '' : ` (${takes})`}`).join('\n')}`
    : `Did you mean manners ${meant}?`
}
