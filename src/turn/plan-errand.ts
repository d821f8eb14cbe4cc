import type { MessageId, ParticipantId } from '../core/ids.ts'
import type { Knock, KnockBook, KnockPlace } from '../core/knock.ts'
import type { Receipt } from '../core/memory.ts'
import type { Persona } from '../core/persona.ts'
import { does } from '../unprompted/does.ts'
import type { Errand } from '../unprompted/errand.ts'
import { opening } from '../unprompted/permit.ts'
import { dayAround } from '../unprompted/zone.ts'
import type { Plan } from './unprompted-words.ts'

export interface PlanTools {
  readonly book: KnockBook
  readonly timeZone: string
}

export const zoneOf = (
  { terms }: Pick<KnockPlace, 'terms'>,
  { timeZone }: Pick<PlanTools, 'timeZone'>,
): string => terms.zone ?? timeZone

/**
 * Notes what somebody wants to be reminded of, where it is clear when that is. `message`: in which they said it; of one
 * message it is noted once. `receipt`: of a command. Throws `HearthError`.
 */
export async function planErrand(
  { text, when, language }: Errand,
  place: KnockPlace,
  persona: Persona,
  tools: PlanTools,
  message: MessageId | undefined,
  receipt?: Receipt<unknown>,
): Promise<Plan> {
  if (!does(persona, 'errand')) return { kind: 'not-here' }
  if (!place.on) return { kind: 'off' }
  if (text === '') return { kind: 'unclear', why: 'nothing' }
  if (when.kind === 'unclear') return when
  const zone = zoneOf(place, tools)
  const { hours, most } = place.terms
  const { at } = when
  const said = opening({ now: at, zone, hours, quietHours: persona.manners.quietHours })
  const waiting = (await tools.book.list(place.person)).filter(
    (each) => message === undefined || each.message !== message,
  )
  if (await isPlannedFull(place.person, waiting, said, zone, most, tools)) return { kind: 'full', most }
  const content = { text, at, language }
  // It is due when it was meant: the hours may be others by then.
  const knock = { kind: 'errand', dueAt: at, content, message } as const
  const number = await tools.book.add(place, knock, receipt)
  return number === undefined ? { kind: 'cancelled' } : { kind: 'planned', number, at, said, zone, hours }
}

/** As many wait for that day, or were said on it, as may be said then. */
async function isPlannedFull(
  person: ParticipantId,
  waiting: readonly Knock[],
  at: Date,
  zone: string,
  most: number,
  { book }: PlanTools,
): Promise<boolean> {
  const { from, to } = dayAround(at, zone)
  const then = waiting.filter(({ kind, dueAt }) => kind === 'errand' && dueAt >= from && dueAt < to)
  return then.length + (await book.countSaid(person, from, to)) >= most
}
