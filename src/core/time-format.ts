const monthNames = Array.from({ length: 12 }, (_, month) =>
  new Date(2000, month).toLocaleDateString('en-GB', { month: 'long' }),
)

/** `2 March 2026`, in the zone of this machine. Once for each memory of a prompt: `Intl` took ten times as long. */
export const shortDate = (at: Date): string =>
  `${at.getDate()} ${monthNames[at.getMonth()]} ${at.getFullYear()}`

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
