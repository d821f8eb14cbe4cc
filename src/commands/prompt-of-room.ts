import { configError, type HearthError } from '../core/errors.ts'
import type { RoomReference } from '../core/events.ts'
import { externalId, type ParticipantId, type PersonaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import type { Doorway, LastReply } from '../core/store.ts'
import type { Config } from '../ops/config.ts'
import { seatAccount } from '../seat.ts'
import type { Storage } from '../storage.ts'
import type { Store } from '../store/store.ts'
import { promptAgain } from '../turn/again.ts'
import { noPromptYet, promptText } from '../turn/prompt-words.ts'
import { doorsOf } from './import-door.ts'

/**
 * The prompt of a persona's last reply in a room, as its platform calls that; without a room, at the terminal.
 * `personas`: for their names. Throws `HearthError`: `no-reply`.
 */
export async function promptOfRoom(
  persona: Persona,
  room: string | undefined,
  personas: readonly Persona[],
  config: Pick<Config, 'data' | 'matrix' | 'discord' | 'timeZone'>,
  { store, database }: Pick<Storage, 'store' | 'database'>,
  signal: AbortSignal,
): Promise<string> {
  const places =
    room === undefined
      ? [atTerminal(seatAccount(database, config.data), persona.id)]
      : await placesOf(room, persona.id, config)
  const last = await firstOf(places, ({ doorway, room }) => store.history.readLast(doorway, room))
  if (last === undefined) throw nothingThere(persona, room)
  const named = new Map<PersonaId, Persona>(personas.map((each) => [each.id, each]))
  const { history, selves, knocks } = store
  const { timeZone } = config
  const tools = { history, selves, knocks, timeZone, remind: store, personas: named }
  const again = await promptAgain(last, persona, tools, signal)
  if (again === undefined) return noPromptYet
  const allowed = room === undefined || (await allShare(last, store))
  return promptText(last, again, persona.name, allowed ? undefined : withheld)
}

/** What Hearth tells them: that nobody else is shown what it keeps of them, unless they say so. */
const withheld =
  'Its words are not shown: not everybody whose words stand in it has allowed that (they can, by memory share). In a conversation of your own, say /prompt.'

async function allShare(last: LastReply, { history, own }: Store): Promise<boolean> {
  const [{ messages }, recalled] = await Promise.all([
    history.readAgain(last.turn),
    history.readMessages(last.recalled.messages),
  ])
  const people = new Set<ParticipantId>()
  for (const { author } of [...messages, ...recalled])
    if (author.kind === 'participant') people.add(author.id)
  const wishes = await Promise.all([...people].map((person) => own.readWishes(person)))
  return wishes.every(({ shared }) => shared)
}

interface Place {
  readonly doorway: Doorway
  readonly room: RoomReference
}

const atTerminal = (account: Doorway['account'], persona: PersonaId): Place => ({
  doorway: { account, platform: 'console', persona },
  room: { externalId: externalId(persona), kind: 'direct' },
})

/** Wherever a room of that name may be: the operator sees not how many are in it. */
async function placesOf(
  room: string,
  persona: PersonaId,
  config: Pick<Config, 'matrix' | 'discord'>,
): Promise<readonly Place[]> {
  const platform = room.startsWith('!') ? 'matrix' : 'discord'
  const doors = await doorsOf(config, persona, room, platform)
  const group = platform === 'matrix' && !room.includes(' ') ? `${room} group` : room
  const rooms: readonly RoomReference[] = [
    { externalId: externalId(room), kind: 'direct' },
    { externalId: externalId(group), kind: 'group' },
  ]
  return doors.flatMap(({ account }) =>
    rooms.map((each): Place => ({ doorway: { account, platform, persona }, room: each })),
  )
}

async function firstOf<From, Found>(
  all: readonly From[],
  find: (each: From) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  for (const each of all) {
    const found = await find(each)
    if (found !== undefined) return found
  }
  return undefined
}

const nothingThere = ({ id, name }: Persona, room: string | undefined): HearthError =>
  configError(
    room === undefined
      ? `${name} has not answered at this terminal yet.`
      : `${name} has not answered in a room of that name yet.`,
    {
      code: 'no-reply',
      mend:
        room === undefined
          ? 'Say where with --room.'
          : `A room of Matrix is named like !abc:home, one of Discord by its number; an account in hearth.yaml must speak for ${id}.`,
    },
  )
