import type { Moment } from '../core/fact.ts'
import { addDays, type Day, dayAt, weekdayOf } from './calendar.ts'
import { findDates } from './dates.ts'
import { fold } from './gate-text.ts'
import { dateLanguages } from './languages/dates.ts'

/** Both included. */
export interface TimeSpan {
  readonly from: Date
  readonly to: Date
}

const dayMs = 24 * 60 * 60_000
/** In the north, as people speak of it. The winter of a year ends in the next one. */
const seasonBegins = { spring: 2, summer: 5, autumn: 8, winter: 11 } as const

/** Without one of these words nothing is said of a time. Looking for dates in five languages takes milliseconds. */
const languages = dateLanguages.map((language) => {
  const { code, weekdays, months, seasons, units, days, holidays } = language
  const patterns = [
    ...weekdays,
    ...months,
    ...Object.values(seasons),
    ...Object.values(units),
    ...days.map(([pattern]) => pattern),
    ...holidays.map(([pattern]) => pattern),
    String.raw`(?:19|20)\d\d`,
  ]
  const { last, this: current } = language
  return {
    code,
    marks: whole(patterns.join('|')),
    thisWeek: beside(units.week, current, ''),
    lastWeek: beside(units.week, last.before, last.after),
    lastWeekdays: weekdays.map((weekday) => beside(weekday, last.before, last.after)),
  }
})
type Spoken = (typeof languages)[number]

function whole(words: string): RegExp {
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${words})(?![\p{L}\p{N}])`, 'iu')
}

function beside(thing: string, before: string, after: string): RegExp {
  const shapes = [before && `(?:${before}) (?:${thing})`, after && `(?:${thing}) (?:${after})`]
  return whole(shapes.filter((shape) => shape !== '').join('|'))
}

/** The first time in the past that a question asks about: "last spring", "vorgestern", "in March". */
export function timeAsked(question: string, now: Date): TimeSpan | undefined {
  const folded = fold(question)
  for (const language of languages) {
    const { code, marks } = language
    if (!marks.test(folded)) continue
    const context = { saidAt: now, timeZone: undefined, language: code, direction: 'past' } as const
    for (const { moment, role } of findDates(question, context)) {
      const span = moment === undefined || role === 'until' ? undefined : spanOf(moment)
      if (span === undefined || span.from >= now) continue
      return { from: span.from, to: role === 'since' || span.to > now ? now : span.to }
    }
    const week = weekAsked(folded, language, now)
    if (week !== undefined) return week
  }
  return undefined
}

/**
 * A week, or a day that is of this week to some and of the one before to others: as the date of a fact it is no
 * date, and what is looked for is found in either.
 */
function weekAsked(folded: string, language: Spoken, now: Date): TimeSpan | undefined {
  const { thisWeek, lastWeek, lastWeekdays } = language
  const today = dayAt(now, undefined)
  const monday = addDays(today, 1 - weekdayOf(today))
  if (lastWeek.test(folded)) return daysFrom(addDays(monday, -7), 7)
  if (thisWeek.test(folded)) return { ...daysFrom(monday, 7), to: now }
  const weekday = lastWeekdays.findIndex((pattern) => pattern.test(folded))
  return weekday < 0 ? undefined : daysFrom(addDays(monday, weekday - 7), 8)
}

function daysFrom(day: Day, count: number): TimeSpan {
  const from = Date.UTC(day.year, day.month - 1, day.day)
  return { from: new Date(from), to: new Date(from + count * dayMs - 1) }
}

/** All of a day, a month, a season or a year. */
export function spanOf(moment: Moment): TimeSpan | undefined {
  const [, year, month, day, season] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?| (\w+))?$/.exec(moment) ?? []
  if (year === undefined) return undefined
  const begin = (monthIndex: number, date = 1) => Date.UTC(Number(year), monthIndex, date)
  const between = (fromMs: number, endMs: number): TimeSpan => ({
    from: new Date(fromMs),
    to: new Date(endMs - 1),
  })
  if (day !== undefined) {
    const fromMs = begin(Number(month) - 1, Number(day))
    return between(fromMs, fromMs + dayMs)
  }
  if (month !== undefined) return between(begin(Number(month) - 1), begin(Number(month)))
  if (season === undefined) return between(begin(0), begin(12))
  const first = seasonBegins[season as keyof typeof seasonBegins]
  return first === undefined ? undefined : between(begin(first), begin(first + 3))
}
