import { LruMap } from '../core/lru-map.ts'
import { addDays, type Day } from '../memory/calendar.ts'

/* Clocks of other places: a day and the minutes since its midnight, as they are read off a clock there. */

export interface LocalTime {
  readonly day: Day
  /** Since midnight, as the clock shows them. */
  readonly minutes: number
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const zonesKept = 100
/** Making one takes half a millisecond. */
const formats = new LruMap<string, Intl.DateTimeFormat>(zonesKept)

/** Throws a RangeError for a zone that this machine does not know. */
function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
    second: '2-digit',
  })
  formats.set(zone, made)
  return made
}

/** What the clocks there show as if it were UTC, in milliseconds. */
function shownMs(at: Date, zone: string): number {
  const part = Object.fromEntries(
    formatFor(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(
    (type) => Number(part[type]),
  ) as [number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

export function localTime(at: Date, zone: string): LocalTime {
  const shown = new Date(shownMs(at, zone))
  return {
    day: { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() },
    minutes: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
  }
}

/**
 * When the clocks there show that: the first time where they show it twice, since they are set back. Undefined where
 * they never do, since they are set forward over it. Tries the offsets of the day before and of the day after: no
 * zone changes twice in two days.
 */
export function momentOf({ day, minutes }: LocalTime, zone: string): Date | undefined {
  const wanted = Date.UTC(day.year, day.month - 1, day.day) + minutes * minuteMs
  const moments = [-dayMs, dayMs].flatMap((aside) => {
    const near = wanted + aside
    const at = wanted - (shownMs(new Date(near), zone) - near)
    return shownMs(new Date(at), zone) === wanted ? [at] : []
  })
  return moments.length === 0 ? undefined : new Date(Math.min(...moments))
}

/** As `momentOf`, and where the clocks skip it, the first moment after that. */
export function momentFrom({ day, minutes }: LocalTime, zone: string): Date {
  for (let later = minutes; later < minutes + 24 * 60; later++) {
    const at = momentOf({ day, minutes: later }, zone)
    if (at !== undefined) return at
  }
  throw new RangeError('a day without an hour')
}

/** All of somebody's day that holds the moment. */
export function dayAround(at: Date, zone: string): { readonly from: Date; readonly to: Date } {
  const { day } = localTime(at, zone)
  return {
    from: momentFrom({ day, minutes: 0 }, zone),
    to: momentFrom({ day: addDays(day, 1), minutes: 0 }, zone),
  }
}

/** By its name, or by that of its city: `berlin`. Undefined where there is none, or more than one. */
export function findZone(said: string): string | undefined {
  const wanted = said.trim().replaceAll(' ', '_').toLowerCase()
  if (/^[+-]?\d/.test(wanted) || wanted === '') return undefined
  const all = Intl.supportedValuesOf('timeZone')
  const named = all.filter(
    (zone) => zone.toLowerCase() === wanted || zone.toLowerCase().endsWith(`/${wanted}`),
  )
  if (named.length > 0) return named.length === 1 ? named[0] : undefined
  // Also older names of the same: `Europe/Kiev`, `UTC`.
  try {
    return new Intl.DateTimeFormat('en', { timeZone: wanted }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** `07:30` as minutes since midnight; undefined for what is no time of day. */
export function minutesOf(clock: string): number | undefined {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(clock) ?? []
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute)
}

const two = (number: number): string => String(number).padStart(2, '0')
export const clockOf = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
