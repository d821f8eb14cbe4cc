import type { KnockLanguage } from '../core/knock.ts'
import { type Day, dayAt, isDay, weekdayOf } from '../memory/calendar.ts'
import { findDates } from '../memory/dates.ts'
import { normalise } from '../memory/gate-text.ts'
import { dateLanguages } from '../memory/languages/dates.ts'
import { type DayPart, type TimeLanguage, timeLanguages } from './time-words.ts'

/** An hour of the clock as it was said. */
export interface SaidClock {
  readonly minutes: number
  /** It can mean nothing else: `19:00`, `7 pm`, `07:00`. */
  readonly exact: boolean
}

/** What a text says of a time, piece by piece. */
export interface SaidTime {
  readonly language: KnockLanguage
  /** Undefined: it may mean more than one day, or a whole month. */
  readonly days: readonly (Day | undefined)[]
  readonly clocks: readonly SaidClock[]
  readonly parts: readonly DayPart[]
  /** From now. */
  readonly relativeMs: readonly number[]
  readonly repeats: boolean
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** Where in the text it stands; places in the text itself. */
export interface FoundTime extends SaidTime {
  readonly spans: readonly Span[]
}

const minuteMs = 60_000
const hour = 60
const hourMs = hour * minuteMs
/** By the first letter; in German an hour begins with that of a second. */
const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: minuteMs, h: hourMs }

/** All that a text says of times. What is longer goes before what it holds. */
export function findTimes(text: string, code: KnockLanguage, now: Date, zone: string): FoundTime {
  const language = timeLanguages.find((each) => each.code === code) as TimeLanguage
  const normal = normalise(text)
  const found: Span[] = []
  /** Free places alone are read; a part of the day may stand within a date: `tomorrow evening`. */
  const each = (pattern: RegExp, take: (match: RegExpExecArray) => void, within = false) => {
    for (const match of normal.text.matchAll(pattern)) {
      const span = { start: match.index, end: match.index + match[0].length }
      if (!within && found.some((other) => span.start < other.end && other.start < span.end)) continue
      found.push(span)
      take(match)
    }
  }
  let repeats = false
  const [relativeMs, days, clocks, parts]: [number[], (Day | undefined)[], SaidClock[], DayPart[]] = [
    [],
    [],
    [],
    [],
  ]
  each(language.repeats, () => {
    repeats = true
  })
  for (const pattern of language.relative)
    each(pattern, (match) => relativeMs.push(relativeOf(match, language)))
  for (const { start, end, role, moment } of findDates(normal.text, {
    saidAt: now,
    timeZone: zone,
    language: code,
    direction: 'future',
  })) {
    if (found.some((other) => start < other.end && other.start < end)) continue
    found.push({ start: start - lead(normal.text, start), end })
    const said = normal.text.slice(start, end)
    days.push(role === 'at' && !isOpenWeekday(said, code, dayAt(now, zone)) ? dayOf(moment) : undefined)
  }
  each(language.ofMonth, (match) => days.push(nextOfMonth(Number(match.groups?.day), dayAt(now, zone))))
  for (const pattern of language.clocks) each(pattern, (match) => clocks.push(clockOf(match, language)))
  for (const [pattern, minutes] of language.fixed) each(pattern, () => clocks.push({ minutes, exact: true }))
  const partSpans: Span[] = []
  for (const part of language.parts)
    each(
      part.pattern,
      ({ index, 0: { length } }) => {
        if (partSpans.some((other) => index < other.end && other.start < index + length)) return
        partSpans.push({ start: index, end: index + length })
        parts.push(part)
        if (part.today === true && days.length === 0) days.push(dayAt(now, zone))
      },
      true,
    )
  each(language.weekday, (match) =>
    days.push(nextWeekday(match.groups?.weekday ?? '', code, dayAt(now, zone))),
  )
  const places = (at: number) => normal.places[at] as number
  const spans = found
    .map(({ start, end }) => ({ start: places(start), end: places(end) }))
    .toSorted((a, b) => a.start - b.start)
  return { language: code, days, clocks, parts, relativeMs, repeats, spans }
}

/** `on `, `am `: they go with the date. */
const lead = (text: string, start: number): number =>
  /(?:^| )((?:on|by|am|an|den) )$/.exec(text.slice(0, start))?.[1]?.length ?? 0

function relativeOf({ groups }: RegExpExecArray, { counts }: TimeLanguage): number {
  const said = groups?.count ?? ''
  const number = said === '' ? 0 : (counts[said] ?? Number(said))
  const unitMs = unitsMs[groups?.unit?.[0] ?? ''] ?? hourMs
  const isHours = /^st/.test(groups?.unit ?? '')
  return (number + (groups?.half === undefined ? 0 : 0.5)) * (isHours ? hourMs : unitMs)
}

/** In words or figures; `half past nine`, `halb neun`. */
function clockOf({ 0: text, groups }: RegExpExecArray, { counts, halves, code }: TimeLanguage): SaidClock {
  const said = groups?.hour ?? ''
  const saidHour = counts[said] ?? Number(said)
  const quarter = groups?.quarter
  const shift = quarter === undefined ? 0 : (quarters[quarter] ?? 0)
  const minutes = saidHour * hour + Number(groups?.minute ?? groups?.late ?? 0) + shift
  const half = halves[groups?.half?.[0] ?? '']
  if (half !== undefined)
    return { minutes: (minutes % (12 * hour)) + (half === 'pm' ? 12 * hour : 0), exact: true }
  const exact =
    saidHour > 12 || said.startsWith('0') || saidHour === 0 || (code === 'de' && / uhr/.test(text))
  return { minutes, exact }
}

const quarters: Readonly<Record<string, number>> = {
  'half past': 30,
  'quarter past': 15,
  'quarter to': -15,
  halb: -30,
  'viertel nach': 15,
  'viertel vor': -15,
}

function dayOf(moment: string | undefined): Day | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(moment ?? '') ?? []
  return year === undefined ? undefined : { year: Number(year), month: Number(month), day: Number(day) }
}

/** The next day of that number, also in a later month; a month without it is passed over. */
function nextOfMonth(number: number, today: Day): Day | undefined {
  if (number < 1 || number > 31) return undefined
  for (let ahead = number > today.day ? 0 : 1; ahead < 4; ahead++) {
    const month = ((today.month - 1 + ahead) % 12) + 1
    const day = { year: today.year + Math.floor((today.month - 1 + ahead) / 12), month, day: number }
    if (isDay(day)) return day
  }
  return undefined
}

/** From Monday, 1; 0 for what is none. */
const weekdayAt = (word: string, code: KnockLanguage): number =>
  1 +
  (dateLanguages
    .find((each) => each.code === code)
    ?.weekdays.findIndex((forms) => new RegExp(`^(?:${forms})$`).test(word)) ?? -1)

/** On that very day it may be meant, or a week from it. */
const isOpenWeekday = (word: string, code: KnockLanguage, today: Day): boolean =>
  weekdayAt(word, code) === weekdayOf(today)

function nextWeekday(word: string, code: KnockLanguage, today: Day): Day | undefined {
  const wanted = weekdayAt(word, code)
  const ahead = (wanted - weekdayOf(today) + 7) % 7
  if (wanted === 0 || ahead === 0) return undefined
  const moved = new Date(Date.UTC(today.year, today.month - 1, today.day + ahead))
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() }
}
