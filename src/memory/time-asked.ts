import type { Moment } from '../core/fact.ts'
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
const languages = dateLanguages.map(({ code, weekdays, months, seasons, units, days, holidays }) => {
  const patterns = [
    ...weekdays,
    ...months,
    ...Object.values(seasons),
    ...Object.values(units),
    ...days.map(([pattern]) => pattern),
    ...holidays.map(([pattern]) => pattern),
    String.raw`(?:19|20)\d\d`,
  ]
  const marks = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${patterns.join('|')})(?![\p{L}\p{N}])`, 'iu')
  return { code, marks }
})

/** The first time in the past that a question asks about: "last spring", "vorgestern", "in March". */
export function timeAsked(question: string, now: Date): TimeSpan | undefined {
  const folded = fold(question)
  for (const { code, marks } of languages) {
    if (!marks.test(folded)) continue
    const context = { saidAt: now, timeZone: undefined, language: code, direction: 'past' } as const
    for (const { moment, role } of findDates(question, context)) {
      const span = moment === undefined || role === 'until' ? undefined : spanOf(moment)
      if (span === undefined || span.from >= now) continue
      return { from: span.from, to: role === 'since' || span.to > now ? now : span.to }
    }
  }
  return undefined
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
