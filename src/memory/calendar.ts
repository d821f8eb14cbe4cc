import type { Moment } from '../core/fact.ts'
import { LruMap } from '../core/lru-map.ts'

/** Arithmetic on days without times: what people call the date. */
export interface Day {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
}

const zonesKept = 100
/** Making one takes half a millisecond. */
const formats = new LruMap<string, Intl.DateTimeFormat>(zonesKept)

function formatFor(timeZone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(timeZone ?? '')
  if (known !== undefined) return known
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, ...parts })
  formats.set(timeZone ?? '', made)
  return made
}

/** The date at the person's place; of this machine's place where theirs is not known. */
export function dayAt(moment: Date, timeZone: string | undefined): Day {
  let text: string
  try {
    text = formatFor(timeZone).format(moment)
  } catch {
    // A zone that this machine does not know.
    text = formatFor(undefined).format(moment)
  }
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number)
  return { year, month, day }
}

export function addDays({ year, month, day }: Day, days: number): Day {
  const moved = new Date(Date.UTC(year, month - 1, day + days))
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() }
}

/** From Monday, 1, to Sunday, 7. */
export const weekdayOf = ({ year, month, day }: Day): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7

const monthDays = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

export function addMonths({ year, month, day }: Day, months: number): Day {
  const all = year * 12 + (month - 1) + months
  const moved = { year: Math.floor(all / 12), month: (((all % 12) + 12) % 12) + 1 }
  return { ...moved, day: Math.min(day, monthDays(moved.year, moved.month)) }
}

export const isDay = ({ year, month, day }: Day): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= monthDays(year, month)

export const isBefore = (a: Day, b: Day): boolean =>
  a.year !== b.year ? a.year < b.year : a.month !== b.month ? a.month < b.month : a.day < b.day

const two = (number: number): string => String(number).padStart(2, '0')

export const yearMoment = (year: number): Moment => String(year).padStart(4, '0')
export const monthMoment = ({ year, month }: Pick<Day, 'year' | 'month'>): Moment =>
  `${yearMoment(year)}-${two(month)}`
export const dayMoment = (day: Day): Moment => `${monthMoment(day)}-${two(day.day)}`

export type Season = 'spring' | 'summer' | 'autumn' | 'winter'

const southern =
  /^(?:Australia\/|Pacific\/Auckland|Antarctica\/|America\/(?:Argentina|Buenos|Sao_Paulo|Santiago|Montevideo|Asuncion)|Africa\/(?:Johannesburg|Maputo|Harare|Windhoek|Gaborone))/

/** The first month of a season, which lasts three. */
function firstMonth(season: Season, timeZone: string | undefined): number {
  const north = { spring: 3, summer: 6, autumn: 9, winter: 12 }[season]
  return southern.test(timeZone ?? '') ? ((north + 5) % 12) + 1 : north
}

/**
 * The season's year before, at or after a day; a winter over the turn of the year has the year in which
 * it begins. Undefined where it is going on: then "last" may be it, or the one of a year ago.
 */
export function seasonYear(
  season: Season,
  side: 'last' | 'this' | 'next',
  day: Day,
  timeZone: string | undefined,
): number | undefined {
  const first = firstMonth(season, timeZone)
  const into = (((day.month - first) % 12) + 12) % 12
  const began = into <= day.month - 1 ? day.year : day.year - 1
  if (into < 3) return side === 'this' ? began : undefined
  return side === 'last' ? began : began + 1
}
