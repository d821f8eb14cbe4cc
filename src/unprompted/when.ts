import { addDays, type Day, isBefore } from '../memory/calendar.ts'
import { hoursOf, isWithin } from './permit.ts'
import type { SaidClock, SaidTime } from './said-time.ts'
import type { DayPart } from './time-words.ts'
import { localTime, momentOf } from './zone.ts'

/**
 * Why nobody knows when. `none`: no time is said. `several`: more than one. `day`, `hour`: which of them is meant.
 * `past`: it is over. `repeats`: it is to come again and again. `skipped`: the clocks are set forward over it. `more`:
 * it is asked for more than one thing.
 */
export type Unclear = 'none' | 'several' | 'day' | 'hour' | 'past' | 'repeats' | 'skipped' | 'more'

export type When =
  | { readonly kind: 'at'; readonly at: Date }
  | { readonly kind: 'unclear'; readonly why: Unclear }

export interface WhenContext {
  readonly now: Date
  readonly zone: string
  /** In which the person may be written to: `08:00-22:00`. */
  readonly hours: string
}

const half = 12 * 60
const allDay = 24 * 60
/** Of a day without an hour; later where their hours begin later. */
const dayBegins = 9 * 60

/**
 * When it is meant, by the clocks at the person's place. Never a guess: what may mean more than one time is unclear.
 * An hour of the twelve is read as the clock writes it (9 is 09:00) where that lies ahead and within their hours. A
 * day alone means its morning, and an hour alone the next time that the clocks show it.
 */
export function resolve(said: SaidTime, { now, zone, hours }: WhenContext): When {
  const { days, clocks, parts, relativeMs, repeats } = said
  if (repeats) return unclear('repeats')
  const [relative] = relativeMs
  const hasTime = days.length + clocks.length + parts.length
  if (relative !== undefined)
    return relativeMs.length + hasTime > 1 ? unclear('several') : after(now, relative)
  if (hasTime === 0) return unclear('none')
  if (days.length > 1 || clocks.length > 1 || parts.length > 1) return unclear('several')
  if (days.length === 1 && days[0] === undefined) return unclear('day')
  const here = localTime(now, zone)
  const [clock] = clocks
  const [part] = parts
  const [day] = days
  const today = day === undefined || isSame(day, here.day)
  if (day !== undefined && isBefore(day, here.day)) return unclear('past')
  const minutes = minutesSaid(clock, part, hours, today ? here.minutes : -1)
  if (minutes === undefined) return unclear('hour')
  if (day !== undefined) {
    if (today && minutes <= here.minutes) return unclear('past')
    return at(day, minutes, zone)
  }
  if (minutes > here.minutes) return at(here.day, minutes, zone)
  // "In the evening", said at night, may be over.
  if (clock === undefined && part?.afterNoon === true) return unclear('past')
  return at(addDays(here.day, 1), minutes, zone)
}

const unclear = (why: Unclear): When => ({ kind: 'unclear', why })
const after = (now: Date, ms: number): When =>
  ms > 0 ? { kind: 'at', at: new Date(now.getTime() + ms) } : unclear('past')
const isSame = (a: Day, b: Day) => !isBefore(a, b) && !isBefore(b, a)

function at(day: Day, minutes: number, zone: string): When {
  const moment =
    minutes < allDay
      ? momentOf({ day, minutes }, zone)
      : momentOf({ day: addDays(day, 1), minutes: minutes - allDay }, zone)
  return moment === undefined ? unclear('skipped') : { kind: 'at', at: moment }
}

/** Undefined: which hour is meant is not clear. `passed`: of today; -1 of another day. */
function minutesSaid(
  clock: SaidClock | undefined,
  part: DayPart | undefined,
  hours: string,
  passed: number,
): number | undefined {
  if (clock === undefined) {
    if (part === undefined) return passed >= 0 ? undefined : Math.max(hoursOf(hours)[0], dayBegins)
    return part.minutes
  }
  const { minutes, exact } = clock
  if (exact) return part === undefined || fits(minutes, part) ? minutes : undefined
  if (part !== undefined) {
    const both = [minutes % half, (minutes % half) + half].filter((each) => fits(each, part))
    return both.length === 1 ? both[0] : undefined
  }
  return isWithin(minutes, hours) && minutes > passed ? minutes : undefined
}

/** Nine is of the morning, and of the evening at 21:00. */
function fits(minutes: number, { hours: [from, to], afterNoon }: DayPart): boolean {
  if (minutes >= half !== afterNoon) return false
  const twelfth = Math.floor((minutes % half) / 60) || 12
  // From twelve on: 12, 1, 2 …
  return from === 12 ? twelfth === 12 || twelfth <= to : twelfth >= from && twelfth <= to
}

/** What was said before, completed by what was answered: each of the two may be either. */
export function complete(before: SaidTime, answer: SaidTime): SaidTime {
  if (answer.relativeMs.length > 0) return answer
  const hasHour = answer.clocks.length + answer.parts.length > 0
  const clear = before.days.filter((day) => day !== undefined)
  return {
    ...answer,
    days: answer.days.length > 0 ? answer.days : clear,
    // "In the evening" tells which of the two nines it was.
    clocks:
      answer.clocks.length > 0 || (hasHour && before.clocks.every(({ exact }) => exact))
        ? answer.clocks
        : before.clocks,
    parts: hasHour ? answer.parts : before.parts,
  }
}
