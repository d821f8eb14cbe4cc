type Parts = Readonly<Record<string, string>>

const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(timeZone: string | undefined): Intl.DateTimeFormat {
  const name = timeZone ?? ''
  const made =
    formats.get(name) ??
    new Intl.DateTimeFormat('en-GB', {
      ...(timeZone === undefined ? {} : { timeZone }),
      year: 'numeric',
      month: 'long',
      day: 'numeric',
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
  formats.set(name, made)
  return made
}

const months = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' })
const monthNumbers = new Map(
  Array.from({ length: 12 }, (_, month) => [months.format(Date.UTC(2026, month, 15)), month + 1]),
)

/** `14:05`. */
export const clock = (now: Date, timeZone?: string): string => dateTime(now, 'HH:mm', timeZone)

/** The time in the words of Moment.js: `dddd, D MMMM YYYY HH:mm`; what stands in `[…]` stays as it is. */
export function dateTime(now: Date, format: string, timeZone?: string): string {
  const parts: Parts = Object.fromEntries(
    formatFor(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  )
  return format.replace(tokens, (token, literal: string | undefined) =>
    literal === undefined ? (fields[token]?.(parts) ?? token) : literal,
  )
}

const tokens = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|A|a/g
const part = (parts: Parts, name: string): string => parts[name] ?? ''
const number = (parts: Parts, name: string): number => Number(part(parts, name))
const two = (value: number): string => String(value).padStart(2, '0')
const monthOf = (parts: Parts): number => monthNumbers.get(part(parts, 'month')) ?? 1
const twelve = (parts: Parts): number => number(parts, 'hour') % 12 || 12
const half = (parts: Parts): string => (number(parts, 'hour') < 12 ? 'am' : 'pm')

const fields: Readonly<Record<string, (parts: Parts) => string>> = {
  YYYY: (parts) => part(parts, 'year'),
  YY: (parts) => part(parts, 'year').slice(-2),
  MMMM: (parts) => part(parts, 'month'),
  MMM: (parts) => part(parts, 'month').slice(0, 3),
  MM: (parts) => two(monthOf(parts)),
  M: (parts) => String(monthOf(parts)),
  DD: (parts) => two(number(parts, 'day')),
  D: (parts) => part(parts, 'day'),
  dddd: (parts) => part(parts, 'weekday'),
  ddd: (parts) => part(parts, 'weekday').slice(0, 3),
  HH: (parts) => part(parts, 'hour'),
  H: (parts) => String(number(parts, 'hour')),
  hh: (parts) => two(twelve(parts)),
  h: (parts) => String(twelve(parts)),
  mm: (parts) => part(parts, 'minute'),
  m: (parts) => String(number(parts, 'minute')),
  ss: (parts) => part(parts, 'second'),
  s: (parts) => String(number(parts, 'second')),
  A: (parts) => half(parts).toUpperCase(),
  a: half,
}

const units: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
]

/** In words, of the largest unit that it fills: `3 hours`. */
export function duration(ms: number): string {
  const [length, name] = units.find(([unit]) => ms >= unit) ?? []
  if (length === undefined) return 'a moment'
  const count = Math.floor(ms / length)
  return count === 1 ? `1 ${name}` : `${count} ${name}s`
}
