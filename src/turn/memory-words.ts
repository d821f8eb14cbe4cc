import { commands } from '../core/events.ts'
import type { KnownFact } from '../core/fact.ts'
import type { KnownEpisode, Recalled, TalkMessage } from '../core/memory.ts'
import { monthName, shortDate } from '../core/time-format.ts'
import { stopWords } from '../memory/stop-words.ts'

const saidCharacters = 160

export const onlyAlone = 'I speak of that only where we are alone: ask me in a room of our own.'

export const isYes = (text: string): boolean => /^(?:yes|ja|oui|s[iíì])(?![\p{L}\p{N}])/iu.test(text)

export const noRights =
  'I write down nothing of who may do what here: whoever runs this Hearth says that, and not in a conversation. If it is your work, say where: I am an administrator at a school.'

export const confirmLine = 'Say memory forget yes, and it is forgotten.'

/** `12. Ada's sister marries in May 2027. (2 March 2026, always in mind)` */
export function factLine({ number, statement, saidAt, pinned, superseded }: KnownFact): string {
  const notes = [
    shortDate(saidAt),
    ...(pinned ? ['always in mind'] : []),
    ...(superseded ? ['not true any more'] : []),
  ]
  return `${number}. ${statement} (${notes.join(', ')})`
}

export const saidLine = ({ text, saidAt }: TalkMessage): string => {
  const line = text.replace(/\s+/g, ' ')
  const shown = line.length > saidCharacters ? `${line.slice(0, saidCharacters).toWellFormed()} …` : line
  return `– ${shown} (${shortDate(saidAt)})`
}

/** What the last reply was made with, and where it comes from. */
export function whyText({ facts, episodes, messages }: Recalled): string {
  if (facts.length + episodes.length + messages.length === 0)
    return 'For my last answer I had nothing in mind but what we are talking about.'
  return [
    'For my last answer I had in mind, beside what we are talking about:',
    ...facts.flatMap((fact) => [factLine(fact), `   ${sourceText(fact)}`]),
    ...episodes.map(happenedLine),
    ...messages.map((message) => saidLine({ ...message, text: `${speakerOf(message)}: ${message.text}` })),
  ].join('\n')
}

const sourceText = ({ quote, about }: KnownFact): string => {
  if (quote === '') return 'You had that written down.'
  return `${about.kind === 'persona' ? 'It was said to you' : 'You said'}: “${quote}”`
}

const happenedLine = ({ kind, begunAt, gist }: KnownEpisode): string =>
  `– What we spoke of ${kind === 'month' ? `in ${monthName(begunAt)}` : `on ${shortDate(begunAt)}`}: ${gist}`

const speakerOf = ({ author }: TalkMessage): string =>
  author.kind === 'participant' ? author.displayName : author.id

export function listText(lines: readonly string[], topic: string, most: number): string {
  if (lines.length === 0)
    return topic === '' ? 'I remember nothing of you yet.' : 'I remember nothing of that.'
  const rest = lines.length - most
  return [
    'What I remember of you:',
    // The newest, since a list is read from its end.
    ...lines.slice(-most),
    ...(rest > 0 ? [`and ${rest} more: say memory list and what it is about.`] : []),
  ].join('\n')
}

/** True for what has all of these words, or their beginnings; "my sister" may be told of as Ada's. */
export function topicOf(topic: string): (text: string) => boolean {
  const all = plain(topic).match(/[\p{L}\p{N}]+/gu) ?? []
  const telling = all.filter((word) => !stopWords.has(word))
  const words = telling.length > 0 ? telling : all
  return (text) => {
    const there = plain(text).match(/[\p{L}\p{N}]+/gu) ?? []
    return words.every((word) => there.some((each) => each.startsWith(word)))
  }
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** English, German, French, Spanish, Italian: what stands between numbers, and before them. */
const aroundNumbers =
  /(?<![\p{L}\p{N}])(?:and|und|et|y|e|numbers?|no|nummern?|nr|numéros?|números?|numer[oi])(?![\p{L}\p{N}])/giu

/** `3, 4 and number 12`: nothing but numbers; else none. */
export function numbersIn(text: string): readonly number[] {
  if (!/^[\s,#.&]*\d[\d\s,#.&]*$/.test(text.replace(aroundNumbers, ' '))) return []
  return (text.match(/\d+/g) ?? []).map(Number)
}

export const usage = [
  'You can say:',
  ...(commands.find(({ name }) => name === 'memory')?.parts ?? []).map(
    ({ name, summary }) => `memory ${name}: ${summary}`,
  ),
].join('\n')

export const pausedText =
  'From now on I make nothing of what you tell me, and it does not come to my mind again when we have moved on to something else. What I remember already stays, until you say memory forget. With memory resume I go on.'

export const sharedText =
  'Whoever runs this Hearth may see what I remember of you from now on, until you say memory share again.'
