/** `23:00-07:00`: from the first to the second, over midnight where the second is earlier. */
export const quietHoursPattern = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/

/**
 * When the quiet hours that hold at `now` end, by the clock of the house; undefined where none hold. The same time
 * twice stands for no hours at all.
 */
export function quietUntil(hours: string, now: Date): Date | undefined {
  const [, ...parts] = quietHoursPattern.exec(hours) ?? []
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts.map(Number)
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute]
  const minute = now.getHours() * 60 + now.getMinutes()
  const quiet = from <= to ? minute >= from && minute < to : minute >= from || minute < to
  if (!quiet) return undefined
  const tomorrow = minute < to ? 0 : 1
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + tomorrow, toHour, toMinute)
}
