import { cleanName } from '../core/text.ts'
import type { Place, Reason } from './entry.ts'
import { counted } from './progress.ts'
import type { Tally } from './select.ts'
import type { Survey } from './survey.ts'
import type { Cast } from './who.ts'

const reasons: Readonly<Record<Reason, string>> = {
  'somebody-else': 'of other people',
  service: 'by the service or a program',
  hidden: 'hidden ones (tools, instructions)',
  deleted: 'deleted',
  encrypted: 'never decrypted',
  empty: 'empty',
  duplicate: 'twice in the file',
  'too-long': 'too long',
  unreadable: 'unreadable',
}

/** Who was taken for whom, before anything is written. */
export function castInWords(name: string, { speakers }: Survey, cast: Cast, persona: string): string {
  const namesOf = (ids: ReadonlySet<string>) =>
    speakers
      .filter(({ id }) => ids.has(id))
      .map(({ id, names: [name = id] }) => cleanName(name))
      .slice(0, 20)
      .join(', ')
  return [
    `The file is ${name}.`,
    `  the person: ${namesOf(cast.person)}`,
    `  ${persona}: ${namesOf(cast.persona) || 'says nothing in it'}`,
    '',
  ].join('\n')
}

/** What came of it. Undefined `added`: nothing was to be written. */
export function tallyInWords(
  tally: Tally,
  conversations: number,
  { unreadable }: Survey,
  persona: string,
  added: number | undefined,
): string {
  const { person, persona: replies, from, until, undated, leftOut } = tally
  const all = person + replies
  const lines = [
    `${many(person, 'message')} of the person and ${counted(replies)} of ${persona}, in ${many(conversations, 'conversation')}.`,
  ]
  if (from !== undefined && until !== undefined) lines.push(`From ${day(from)} to ${day(until)}.`)
  if (undated > 0) lines.push(`${counted(undated)} without a date got that of their neighbours.`)
  const left = [...leftOut].map(([reason, count]) => `${counted(count)} ${reasons[reason]}`)
  if (left.length > 0) lines.push(`Left out: ${left.join(', ')}.`)
  if (unreadable.count > 0) lines.push(`What cannot be read stands ${placesInWords(unreadable)}.`)
  lines.push(
    added === undefined
      ? 'Nothing was written.'
      : added === all
        ? `All ${counted(added)} are new. They are remembered in the background while Hearth runs.`
        : `${counted(added)} are new, ${counted(all - added)} were here before.`,
  )
  return `${lines.join('\n')}\n`
}

export function placesInWords({ count, first }: Survey['unreadable']): string {
  const shown = first.map(({ file, line, byte }: Place) => {
    const within = file === undefined ? '' : ` of ${cleanName(file)}`
    return `in line ${line}${within} (byte ${byte})`
  })
  return [
    ...shown,
    ...(count > first.length ? [`and ${counted(count - first.length)} times more`] : []),
  ].join(', ')
}

const many = (count: number, what: string): string => `${counted(count)} ${what}${count === 1 ? '' : 's'}`

const day = (date: Date): string =>
  date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
