import type { Room, Turn } from '../core/conversation.ts'
import type { MessageEvent } from '../core/events.ts'
import type { PersonaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import { quietUntil } from '../core/quiet-hours.ts'
import type { Acceptance, Circle, Doorway, RoomManners } from '../core/store.ts'
import { inRoom } from './room-settings.ts'
import { type Listener, type NextSpeaker, type Utterance, whoSpeaks } from './who-speaks.ts'

export interface CircleTools {
  readonly circle: Circle
  readonly manners: RoomManners
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly settleMs: number
  readonly now: () => Date
  /** So many turns of personas may answer one person's words, and follow each other. */
  readonly personaTurnsMost: number
}

/** What a message in a group leads to beside the turn that it has opened itself: see `MessageEvent`. */
export async function heardInGroup(
  event: MessageEvent,
  doorway: Doorway,
  { room, position, status }: Acceptance,
  tools: CircleTools,
): Promise<void> {
  await tools.circle.enter(doorway, room, event.barred !== true)
  if (position === undefined) return
  // Another account has told of it before.
  if (status === 'duplicate' && event.unanswered !== true) {
    const persona = await personaIn(room, doorway.persona, tools)
    await invite(room, position, { persona: doorway.persona, cue: 'addressed', ...settling(persona) }, tools)
  }
  const toAll = event.toAll === true
  if (event.unanswered === true && !toAll) return
  const utterance = { text: event.text, by: undefined, toAll, seed: `${room.externalId} ${event.externalId}` }
  for (const next of await choose(utterance, room, position, tools)) await invite(room, position, next, tools)
}

/** What a persona has said in a group may be answered by another one. */
export async function passOn(turn: Turn, text: string, tools: CircleTools): Promise<void> {
  const { room, persona } = turn
  const { until } = turn.history
  const utterance = { text, by: persona, toAll: true, seed: `${room.externalId} ${until} ${persona} ${text}` }
  for (const next of await choose(utterance, room, Number.MAX_SAFE_INTEGER, tools))
    await invite(room, until, next, tools)
}

async function choose(
  utterance: Utterance,
  room: Room,
  before: number,
  tools: CircleTools,
): Promise<readonly Invited[]> {
  const { circle, personas, now } = tools
  if (!mayAnybodySpeak(utterance, personas)) return []
  const present = await circle.readPresent(room, before)
  const here = new Map<PersonaId, Persona>()
  const listeners = await Promise.all(
    present.map(async ({ persona: id, spokeAt }): Promise<readonly Listener[]> => {
      const persona = await personaIn(room, id, tools)
      if (persona === undefined) return []
      here.set(id, persona)
      return [{ id, name: persona.name, talkativeness: talkativenessOf(persona, now()), spokeAt }]
    }),
  )
  return whoSpeaks(utterance, listeners.flat()).map((next) => ({
    ...next,
    ...settling(here.get(next.persona)),
  }))
}

/** Most companions answer only where they are spoken to, and most of what is said in groups names none: that asks no database. */
function mayAnybodySpeak(utterance: Utterance, personas: CircleTools['personas']): boolean {
  const all = [...personas].map(([id, persona]) => ({
    id,
    name: persona.name,
    // A room may have other quiet hours.
    talkativeness: readinessOf(persona),
    spokeAt: 0,
  }))
  return whoSpeaks(utterance, all).length > 0
}

/** Whoever rests says nothing unasked: it would be answered in the morning, out of nowhere. */
export const talkativenessOf = (persona: Persona, now: Date): number =>
  quietUntil(persona.manners.quietHours ?? '', now) === undefined ? readinessOf(persona) : 0

const readinessOf = ({ manners, card }: Persona): number => manners.talkativeness ?? card?.talkativeness ?? 0

/** With what was set for it there. */
async function personaIn(
  room: Room,
  id: PersonaId,
  { personas, manners }: CircleTools,
): Promise<Persona | undefined> {
  const persona = personas.get(id)
  return persona && inRoom(persona, await manners.read(room, id))
}

async function invite(
  room: Room,
  position: number,
  { persona, cue, settleMs }: Invited,
  tools: CircleTools,
): Promise<boolean> {
  const dueInMs = settleMs ?? tools.settleMs
  return await tools.circle.invite(room, persona, { position, cue }, dueInMs, tools.personaTurnsMost)
}

/** Undefined: as everywhere. */
interface Invited extends NextSpeaker {
  readonly settleMs: number | undefined
}

const settling = (persona: Persona | undefined) => ({ settleMs: persona?.manners.settleMs })
