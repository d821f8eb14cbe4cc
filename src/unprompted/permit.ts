import type { KnockContent, KnockKind, Terms } from '../core/knock.ts'
import { quietHoursPattern, quietUntil } from '../core/quiet-hours.ts'
import { addDays } from '../memory/calendar.ts'
import { localTime, minutesOf, momentFrom } from './zone.ts'

export type Permit =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly until: Date }
  /** Not this time: it is meant for that moment now. */
  | { readonly kind: 'next'; readonly at: Date }
  | { readonly kind: 'never' }

export interface Circumstances {
  readonly now: Date
  readonly zone: string
  readonly hours: Terms['hours']
  /** The persona's own, by the clock of the house. */
  readonly quietHours: string | undefined
}

const minuteMs = 60_000
/** From then on it is said that it is late. */
const lateMs = 15 * minuteMs
/** A good morning at noon is none, and what was yesterday's is not asked after for ever. */
const staleMs: Readonly<Record<KnockKind, number>> = {
  errand: Number.POSITIVE_INFINITY,
  'follow-up': 36 * 60 * minuteMs,
  morning: 2 * 60 * minuteMs,
}

/** So long after it was meant that it has to be said. */
export const isLate = ({ at }: KnockContent, now: Date): boolean => now.getTime() - at.getTime() > lateMs

/** Whether what is due may be said at this moment: within the person's hours, and not in the persona's quiet ones. */
export function permitOf(
  knock: { readonly kind: KnockKind; readonly content: KnockContent },
  at: Circumstances,
): Permit {
  const { kind, content } = knock
  const sinceMs = at.now.getTime() - content.at.getTime()
  const over: Permit =
    kind === 'morning' ? { kind: 'next', at: nextMorning(content.text, at) } : { kind: 'never' }
  if (sinceMs > staleMs[kind]) return over
  const until = opening(at)
  if (until.getTime() === at.now.getTime()) return { kind: 'now' }
  // When it may be said it is a good morning no more.
  if (until.getTime() - content.at.getTime() > staleMs[kind]) return over
  return { kind: 'later', until }
}

/** The first moment from now on in which the persona may write. */
export function opening({ now, zone, hours, quietHours }: Circumstances): Date {
  let at = now
  // Each may end within the other; where they never leave room for anything, it is looked again tomorrow.
  for (let tries = 0; tries < 4; tries++) {
    const opens = hoursBegin(hours, at, zone)
    const rested = quietHours === undefined ? opens : (quietUntil(quietHours, opens) ?? opens)
    if (rested.getTime() === at.getTime()) return at
    at = rested
  }
  return at
}

/** When the hours begin in which the moment does not lie; the moment itself where it does. */
function hoursBegin(hours: string, at: Date, zone: string): Date {
  const [from] = hoursOf(hours)
  const { day, minutes } = localTime(at, zone)
  if (isWithin(minutes, hours)) return at
  return momentFrom({ day: minutes < from ? day : addDays(day, 1), minutes: from }, zone)
}

/** Minutes since midnight, within hours that may go over midnight. */
export function isWithin(minutes: number, hours: string): boolean {
  const [from, to] = hoursOf(hours)
  return from <= to ? minutes >= from && minutes < to : minutes >= from || minutes < to
}

/** `08:00-22:00` in minutes since midnight. */
export function hoursOf(hours: string): readonly [from: number, to: number] {
  const [, h1, m1, h2, m2] = (quietHoursPattern.exec(hours) ?? []).map(Number)
  return [(h1 ?? 0) * 60 + (m1 ?? 0), (h2 ?? 0) * 60 + (m2 ?? 0)]
}

/** The next time that the clocks there show it. */
export function nextMorning(clock: string, { now, zone }: Pick<Circumstances, 'now' | 'zone'>): Date {
  const minutes = minutesOf(clock) ?? 0
  const { day } = localTime(now, zone)
  const today = momentFrom({ day, minutes }, zone)
  return today > now ? today : momentFrom({ day: addDays(day, 1), minutes }, zone)
}
