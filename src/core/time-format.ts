const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })

/** `2 March 2026`, in the zone of this machine. */
export const shortDate = (at: Date): string => dateFormat.format(at)

const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** `March 2026`, in UTC. */
export const monthName = (at: Date): string => monthFormat.format(at)

/** A moment as it is told to a model: day and time, in the zone of this machine. */
export const momentFormat: Intl.DateTimeFormatOptions = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
}
