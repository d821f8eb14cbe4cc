const dayMs = 86_400_000
/** Before this there was nothing to export. */
const earliestMs = Date.UTC(1990, 0, 1)
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const digits = /^\d{9,16}$/
const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s?(Z|[+-]\d{2}:?\d{2})?)?$/i
/** `January 3, 2024 4:15pm` */
const english = /^([a-z]{3,9})\.? (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))?\s?([ap]m)?$/i
/** `2024-1-3@16h15m02s`, `2024-01-03 @16h 15m 02s 123ms` */
const inLetters = /^(\d{4})-(\d{1,2})-(\d{1,2}) ?@ ?(\d{1,2})h ?(\d{1,2})m ?(\d{1,2})s(?: ?(\d{1,3})ms)?$/

/**
 * A moment in one of the spellings that exports have had over the years; undefined where it is none, or lies
 * before 1990 or after tomorrow. A number counts milliseconds since 1970, or seconds where it is too small
 * for that. What names no zone is in that of this machine, or in UTC where `zone` says so.
 */
export function momentOf(value: unknown, zone: 'local' | 'utc' = 'local'): Date | undefined {
  if (typeof value === 'number') return honest(value < 1e11 ? value * 1000 : value)
  if (typeof value !== 'string' || value.length > 60) return undefined
  const text = value.trim()
  if (digits.test(text)) return momentOf(Number(text))
  return honest(parseIso(text, zone) ?? parseEnglish(text) ?? parseInLetters(text) ?? Number.NaN)
}

/** Milliseconds since 1970, as a date within the bounds of what can be. */
export function honest(ms: number): Date | undefined {
  return ms >= earliestMs && ms <= Date.now() + dayMs ? new Date(ms) : undefined
}

function parseIso(text: string, zone: 'local' | 'utc'): number | undefined {
  const found = iso.exec(text)
  if (found === null) return undefined
  const [, day, time = '00:00', offset = zone === 'utc' ? 'Z' : ''] = found
  return Date.parse(`${day}T${time.replace(',', '.')}${offset.toUpperCase()}`)
}

function parseEnglish(text: string): number | undefined {
  const found = english.exec(text)
  if (found === null) return undefined
  const [, name = '', day, year, hour, minute, second = '0', half] = found
  const month = months.indexOf(name.slice(0, 3).toLowerCase())
  if (month < 0) return undefined
  return localMs(Number(year), month, Number(day), hourOf(Number(hour), half), Number(minute), Number(second))
}

function parseInLetters(text: string): number | undefined {
  const found = inLetters.exec(text)
  if (found === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0))
  return localMs(year, month - 1, day, hour, minute, second) + ms
}

/** Of 24, from one of 12 where `half` is am or pm. */
export function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour
  return (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0)
}

/** In the zone of this machine; NaN for a day or an hour that there is not. */
export function localMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const date = new Date(year, month, day, hour, minute, second)
  const isThere =
    date.getMonth() === month && date.getDate() === day && hour < 24 && minute < 60 && second < 61
  return isThere ? date.getTime() : Number.NaN
}
