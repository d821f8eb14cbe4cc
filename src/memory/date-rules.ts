import type { Moment } from '../core/fact.ts'
import {
  addDays,
  addMonths,
  type Day,
  dayMoment,
  isBefore,
  isDay,
  monthMoment,
  type Season,
  seasonYear,
  weekdayOf,
  yearMoment,
} from './calendar.ts'
import { type DateLanguage, dateLanguages } from './languages/dates.ts'

export interface Rule {
  readonly pattern: RegExp
  readonly absolute?: boolean
  readonly resolve: (match: RegExpExecArray, frame: Frame) => Moment | undefined
}

export interface Frame {
  readonly today: Day
  readonly timeZone: string | undefined
  readonly direction: 'past' | 'future' | undefined
  readonly role: 'at' | 'since' | 'until'
  readonly recurring: boolean
}

const cache = new Map<string, readonly Rule[]>()
const any = (forms: readonly string[]): string => forms.join('|')

/** In order: what is longer and surer comes first. */
export function rulesOf(code: DateLanguage['code']): readonly Rule[] {
  const known = cache.get(code)
  if (known !== undefined) return known
  const language = dateLanguages.find((each) => each.code === code) as DateLanguage
  const made = [...absoluteRules(language), ...relativeRules(language), ...openRules(language)]
  cache.set(code, made)
  return made
}

const whole = (text: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${text})(?![\\p{L}\\p{N}])`, 'gu')

const monthAt = (language: DateLanguage, word: string): number =>
  language.months.findIndex((forms) => forms.split('|').includes(word)) + 1
const weekdayAt = (language: DateLanguage, word: string): number =>
  language.weekdays.findIndex((forms) => new RegExp(`^(?:${forms})$`).test(word)) + 1
const seasonAt = (language: DateLanguage, word: string): Season =>
  (Object.entries(language.seasons).find(([, forms]) => forms.split('|').includes(word))?.[0] ??
    'spring') as Season

const checked = (day: Day): Moment | undefined => (isDay(day) ? dayMoment(day) : undefined)

function absoluteRules(language: DateLanguage): readonly Rule[] {
  const month = any(language.months)
  const season = any(Object.values(language.seasons))
  const { ordinal, of } = language
  const year = '(?<year>(?:19|20)\\d\\d)'
  const fullDate = (match: RegExpExecArray) =>
    checked({
      year: Number(match.groups?.year),
      month: monthAt(language, match.groups?.month ?? ''),
      day: Number(match.groups?.day),
    })
  return [
    {
      pattern: /(?<!\d)((?:19|20)\d\d) (\d\d) (\d\d)(?!\d)/gu,
      absolute: true,
      resolve: ([, y, m, d]) => checked({ year: Number(y), month: Number(m), day: Number(d) }),
    },
    {
      pattern: whole(`(?:the )?(?<day>\\d{1,2})${ordinal} ${of}(?<month>${month}) ${of}${year}`),
      absolute: true,
      resolve: fullDate,
    },
    {
      pattern: whole(`(?<month>${month}) (?<day>\\d{1,2})${ordinal} ${year}`),
      absolute: true,
      resolve: fullDate,
    },
    {
      pattern: whole(`(?<month>${month}) ${of}${year}`),
      absolute: true,
      resolve: ({ groups }) =>
        monthMoment({ year: Number(groups?.year), month: monthAt(language, groups?.month ?? '') }),
    },
    {
      pattern: whole(`(?:the )?(?<season>${season}) (?:of |de |del |dell |d )?${year}`),
      absolute: true,
      resolve: ({ groups }) => `${groups?.year} ${seasonAt(language, groups?.season ?? '')}`,
    },
    {
      // Elsewhere such a number may count anything.
      pattern: whole(
        `(?<=^|(?:${language.prepositions}|${language.since}|${language.until}|year|jahr|annee|ano|anno|of|de|del) )${year}(?! (?:euros?|dollars?|pounds|people|personen|personas|persone|km|kilometer|meters?|calories))`,
      ),
      absolute: true,
      resolve: ({ groups }) => yearMoment(Number(groups?.year)),
    },
  ]
}

function relativeRules(language: DateLanguage): readonly Rule[] {
  const { units, numbers } = language
  const number = `(?<number>\\d{1,3}|${any(Object.keys(numbers).toSorted((a, b) => b.length - a.length))})`
  const unit = `(?<unit>${any(Object.values(units))})`
  const counted =
    (sign: 1 | -1) =>
    (match: RegExpExecArray, { today }: Frame) => {
      const said = match.groups?.number ?? ''
      const count = sign * (numbers[said] ?? Number(said))
      const word = match.groups?.unit ?? ''
      const is = (forms: string) => new RegExp(`^(?:${forms})$`).test(word)
      if (is(units.day)) return dayMoment(addDays(today, count))
      if (is(units.week)) return dayMoment(addDays(today, 7 * count))
      if (is(units.month)) return monthMoment(addMonths(today, count))
      return yearMoment(today.year + count)
    }
  const around = (shape: string) => whole(shape.replace('N', number).replace('U', unit))
  return [
    ...language.days.map(
      ([words, days]): Rule => ({
        pattern: whole(words),
        resolve: (_match, { today }) => dayMoment(addDays(today, days)),
      }),
    ),
    ...language.ago.map((shape): Rule => ({ pattern: around(shape), resolve: counted(-1) })),
    ...language.ahead.map((shape): Rule => ({ pattern: around(shape), resolve: counted(1) })),
    ...sidedRules(language),
  ]
}

/** Last, this and next. */
function sidedRules(language: DateLanguage): readonly Rule[] {
  const { units } = language
  const things = any([
    ...language.weekdays,
    ...language.months,
    ...Object.values(language.seasons),
    units.week,
    units.month,
    units.year,
  ])
  const sided = (side: 'last' | 'this' | 'next', before: string, after: string): readonly Rule[] => {
    const resolve: Rule['resolve'] = ({ groups }, frame) =>
      sidedMoment(language, groups?.thing ?? '', side, frame)
    return [
      ...(before === '' ? [] : [{ pattern: whole(`(?:${before}) (?<thing>${things})`), resolve }]),
      ...(after === '' ? [] : [{ pattern: whole(`(?<thing>${things}) (?:${after})`), resolve }]),
    ]
  }
  return [
    ...sided('next', language.next.before, language.next.after),
    ...sided('last', language.last.before, language.last.after),
    ...sided('this', language.this, ''),
  ]
}

function sidedMoment(
  language: DateLanguage,
  thing: string,
  side: 'last' | 'this' | 'next',
  { today, timeZone }: Frame,
): Moment | undefined {
  const step = { last: -1, this: 0, next: 1 }[side]
  const is = (forms: string) => new RegExp(`^(?:${forms})$`).test(thing)
  const weekday = weekdayAt(language, thing)
  if (weekday > 0) {
    const now = weekdayOf(today)
    // On a Wednesday "next Friday" is the day after tomorrow to some, and nine days away to others.
    if (side === 'next' && language.nextIsOpen && weekday > now) return undefined
    if (side === 'last' && language.nextIsOpen && weekday < now) return undefined
    const ahead = (weekday - now + 7) % 7
    if (side === 'last') return dayMoment(addDays(today, (ahead || 7) - 7 * (ahead === 0 ? 2 : 1)))
    return dayMoment(addDays(today, side === 'this' ? ahead : ahead || 7))
  }
  const month = monthAt(language, thing)
  if (month > 0) {
    if (month === today.month && side !== 'this') return undefined
    const year =
      today.year +
      (side === 'next' && month < today.month ? 1 : side === 'last' && month > today.month ? -1 : 0)
    return monthMoment({ year, month })
  }
  if (is(language.units.month)) return monthMoment(addMonths(today, step))
  if (is(language.units.year)) return yearMoment(today.year + step)
  if (is(language.units.week)) return undefined
  const season = seasonAt(language, thing)
  const year = seasonYear(season, side, today, timeZone)
  return year === undefined ? undefined : `${year} ${season}`
}

/** What is complete by the direction alone: on Monday, in March, on 3 May, at Christmas. */
function openRules(language: DateLanguage): readonly Rule[] {
  const { prepositions, since, until, ordinal, of } = language
  const lead = `(?:${prepositions}|${since}|${until}) `
  const month = any(language.months)
  const dated = (match: RegExpExecArray, frame: Frame) =>
    yearly(monthAt(language, match.groups?.month ?? ''), Number(match.groups?.day), frame)
  return [
    ...language.holidays.map(
      ([words, holidayMonth, day]): Rule => ({
        pattern: whole(`(?:${lead})?${words}`),
        resolve: (_match, frame) => yearly(holidayMonth, day, frame),
      }),
    ),
    { pattern: whole(`(?:the )?(?<day>\\d{1,2})${ordinal} ${of}(?<month>${month})`), resolve: dated },
    { pattern: whole(`(?<month>${month}) (?<day>\\d{1,2})${ordinal}`), resolve: dated },
    {
      pattern: whole(
        `(?<=(?:${prepositions}|${since}|${until}) (?:the )?(?:(?:end|beginning|start) of )?)(?<month>${month})`,
      ),
      resolve: ({ groups }, { today, direction, role }) => {
        const at = monthAt(language, groups?.month ?? '')
        const past = role === 'since' || direction === 'past'
        if (at === today.month) return role === 'at' ? undefined : monthMoment(today)
        if (!past && direction === undefined && role === 'at') return undefined
        return monthMoment({
          year: today.year + (past ? (at > today.month ? -1 : 0) : at < today.month ? 1 : 0),
          month: at,
        })
      },
    },
    {
      pattern: whole(`(?<=${lead})(?<weekday>${any(language.weekdays)})`),
      resolve: ({ groups }, { today, direction, role }) => {
        const ahead = (weekdayAt(language, groups?.weekday ?? '') - weekdayOf(today) + 7) % 7
        const past = role === 'since' || (direction === 'past' && role !== 'until')
        return dayMoment(addDays(today, past ? (ahead || 7) - 7 * (ahead === 0 ? 2 : 1) : ahead || 7))
      },
    },
  ]
}

/** A day that comes every year. */
function yearly(
  month: number,
  day: number,
  { today, direction, role, recurring }: Frame,
): Moment | undefined {
  if (recurring) return undefined
  const thisYear = { year: today.year, month, day }
  const passed = isBefore(thisYear, today)
  if (role === 'since' || direction === 'past')
    return checked(passed ? thisYear : { ...thisYear, year: today.year - 1 })
  if (role === 'until' || direction === 'future')
    return checked(passed ? { ...thisYear, year: today.year + 1 } : thisYear)
  return undefined
}
