import { configError, type HearthError } from '../core/errors.ts'
import type { Wishes } from '../core/memory.ts'
import type { ErasureCertificate, Identity, KeptCounts } from '../core/people.ts'
import { shortDate } from '../core/time-format.ts'

const amount = (count: number) => count.toLocaleString('en')

/** `matrix @ada:home  120 messages, 12 facts, since 2 March 2026` */
export function listLine(identities: readonly Identity[], counts: KeptCounts): string {
  const names = identities.map(({ platform, externalId }) => `${platform} ${externalId}`).join(', ')
  const kept = `${amount(counts.messages)} messages, ${amount(counts.facts)} facts`
  return `${names || '(cannot be read)'}  ${kept}, since ${shortDate(counts.since)}`
}

/** How much is kept of somebody, for whoever runs Hearth. */
export function countsText(counts: KeptCounts): string {
  return [
    ['known since', shortDate(counts.since)],
    ['rooms', `${amount(counts.directRooms)} of their own, ${amount(counts.groups)} groups`],
    ['messages', `${amount(counts.messages)}, and ${amount(counts.replies)} answers in rooms of their own`],
    ['with them', `${amount(counts.images)} pictures, ${amount(counts.voices)} voice messages`],
    ['facts', amount(counts.facts)],
    ['episodes', amount(counts.episodes)],
    ['summaries', amount(counts.summaries)],
  ]
    .map(([name = '', text]) => `${name.padEnd(11)} ${text}`)
    .join('\n')
}

export const wishesText = ({ remembering, shared }: Wishes): string =>
  [
    `remembering ${remembering ? 'yes' : 'paused'}`,
    `shared      ${shared ? 'yes: hearth memory show shows their facts' : 'no'}`,
  ].join('\n')

/** For the operator's own records: numbers, and nothing that names anybody. */
export const certificateText = ({ id, at, ...counts }: ErasureCertificate): string =>
  [`Erased at ${at.toISOString()}, as ${id}.`, countsText(counts)].join('\n')

export const nobody = (platform: string, person: string): HearthError =>
  configError(`Nobody is known here as ${person} on ${platform}.`, {
    code: 'nobody',
    mend: 'Who is known is listed by: npx hearth person list',
  })

export const notAPlatform = (word: string): HearthError =>
  configError(`${word} is no platform.`, {
    code: 'no-such-platform',
    mend: 'Give matrix, discord or console, and then the id: hearth person show matrix @ada:home',
  })

export const cannotWrite = (file: string, cause: unknown): HearthError =>
  configError(`${file} cannot be written.`, {
    code: 'cannot-write',
    mend: 'Give a name that is free, in a folder that you may write to.',
    cause,
  })

export const notConfirmed = (): HearthError =>
  configError('Nobody could be asked whether they are to be erased.', {
    code: 'not-confirmed',
    mend: 'Give --yes where there is no terminal.',
  })
