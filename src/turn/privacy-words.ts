import { commands } from '../core/events.ts'
import type { Wishes } from '../core/memory.ts'
import type { ErasureCertificate, KeptCounts } from '../core/people.ts'
import { shortDate } from '../core/time-format.ts'

export const nothingKept = 'Nothing is kept of you here.'

/** What is kept of somebody, in numbers. */
export function showText(counts: KeptCounts, { remembering, shared }: Wishes): string {
  return [
    `What is kept of you, since ${shortDate(counts.since)}:`,
    ...keptLines(counts),
    'It lies with whoever runs this Hearth, and nowhere else. Words, names, pictures and what was made of them are sealed there, with a key of your own. Your platform keeps its own copy of what is said, of which I know nothing.',
    shared
      ? 'Whoever runs this Hearth may see your facts: memory share takes that back.'
      : 'Hearth shows your facts to nobody but you, not even to whoever runs it, unless you say memory share.',
    remembering
      ? 'What you say is remembered: memory pause stops that.'
      : 'Nothing new is remembered of what you say: memory resume changes that.',
    'memory list shows your facts, memory forget takes single things away, privacy export gives you everything as a file, and privacy erase takes all of it.',
  ].join('\n')
}

export const handedText =
  'Everything that is kept of you, in one file: index.html in it is for reading, data.json for machines.'
export const handedWithoutMedia = `${handedText} Pictures and voice messages are left out, since the file would be too large to be sent: whoever runs this Hearth can give you all of it (hearth person export).`
export const tooLarge =
  'What is kept of you is too large to be sent here: whoever runs this Hearth can give you all of it (hearth person export).'
export const notPrivate =
  'I hand that out only where nobody else can read it, and this room is not encrypted. Ask me in an encrypted room of our own, or ask whoever runs this Hearth (hearth person export).'
export const fileRefused =
  'The file could not be put here. Whoever runs this Hearth can give it to you (hearth person export).'

export const notAsked = 'Say privacy erase first: you are shown what would go, and asked once more.'

/** Asks whether all of it is to go. */
export function eraseText(counts: KeptCounts): string {
  return [
    'This would go for good, and nobody can bring it back:',
    ...keptLines(counts),
    'and your name, your settings and the key with which all this is sealed. In groups your words go, with the answers to them; what others say there stays. What stands on your platform is not mine to take away, save my own answers in groups.',
    'Say privacy erase yes, and it is erased.',
  ].join('\n')
}

/** What is told to somebody who was erased. */
export function certificateText({ id, at, ...counts }: ErasureCertificate): string {
  return [
    `Erased, on ${shortDate(at)} at ${at.toISOString().slice(11, 16)} UTC:`,
    ...keptLines(counts),
    `and the key with which they were sealed: no copy of the database that was made before can be opened for you. The number of this erasure is ${id}.`,
    'I do not know you any more. If you write to me again, we begin anew. What you said still stands where your platform keeps it: delete it there.',
  ].join('\n')
}

/** `– 3 pictures and 1 voice message`; what there is none of is left out. */
export function keptLines(counts: KeptCounts): readonly string[] {
  const { messages, replies, images, voices, facts, episodes, summaries, directRooms, groups } = counts
  const rooms = list([amount(directRooms, 'room of our own', 'rooms of our own'), amount(groups, 'group')])
  const lines = [
    [
      amount(messages, 'message of yours', 'messages of yours'),
      amount(replies, 'answer to you', 'answers to you'),
    ],
    [amount(images, 'picture'), amount(voices, 'voice message')],
    [
      amount(facts, 'fact'),
      amount(episodes, 'note of a conversation', 'notes of conversations'),
      amount(summaries, 'summary', 'summaries'),
    ],
  ]
  return lines
    .map(list)
    .filter((line) => line !== '')
    .map((line, index) => `– ${line}${index === 0 && rooms !== '' ? `, in ${rooms}` : ''}`)
}

const amount = (count: number, one: string, many = `${one}s`): string =>
  count === 0 ? '' : `${count.toLocaleString('en')} ${count === 1 ? one : many}`

function list(parts: readonly string[]): string {
  const there = parts.filter((part) => part !== '')
  return [there.slice(0, -1).join(', '), ...there.slice(-1)].filter((part) => part !== '').join(' and ')
}

export const privacyUsage = [
  'You can say:',
  ...(commands.find(({ name }) => name === 'privacy')?.parts ?? []).map(
    ({ name, summary }) => `privacy ${name}: ${summary}`,
  ),
].join('\n')
