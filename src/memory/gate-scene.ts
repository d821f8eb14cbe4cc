import type { Refusal, SaidMessage } from './fact.ts'
import { fold, normalise, type Span } from './gate-text.ts'
import { type Doc, looseWords, parse } from './gate-tokens.ts'
import type { Language } from './languages/language.ts'

/** A scene lasts over this many messages without being named again. */
const sceneMessages = 8

/** Single asterisks or underscores around words: something done in a scene. Bold has two of them. */
const actions =
  /(?<![*\p{L}\p{N}])\*(?!\*)([^*\n]+)\*(?!\*)|(?<![_\p{L}\p{N}])_(?!_)([^_\n]+)_(?![_\p{L}\p{N}])/gu

function actionsIn(text: string): readonly (Span & { readonly words: string })[] {
  return [...normalise(text).text.matchAll(actions)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    words: looseWords(match[1] ?? match[2] ?? '').join(' '),
  }))
}

const outside = /\(\(([^)]*)\)\)|(?:^|[\s(])ooc\s*:([^\n]*)/gu

/** Said beside the game: in double brackets or after "ooc:". */
function isOutside(text: string, span: Span): boolean {
  return [...normalise(text).text.matchAll(outside)].some(
    (match) => span.start >= match.index && span.end <= match.index + match[0].length,
  )
}

const wordsOf = (text: string, language: Language): string =>
  parse(text, language)
    .tokens.map(({ word }) => word)
    .join(' ')

/** "(as Juliet)" */
const asSomebody = /^\s*[([](?:as|als|en tant que|como|come)\s/iu

function opensScene(text: string, language: Language): boolean {
  if (asSomebody.test(text)) return true
  const plain = wordsOf(text, language)
  const acts = actionsIn(text).some(({ words }) => words.includes(' ') && !language.emotes.test(words))
  return acts || language.pretence.test(plain) || language.fictionalSelf.test(plain)
}

/** `earlier`: what was said before it, newest last; the persona's actions are its manner, and open nothing. */
export function inScene(
  message: SaidMessage,
  span: Span,
  earlier: readonly SaidMessage[],
  language: Language,
): boolean {
  if (actionsIn(message.text).some((action) => span.start < action.end && action.start < span.end))
    return true
  if (isOutside(message.text, span) || language.fictionEnds.test(wordsOf(message.text, language)))
    return false
  if (opensScene(message.text, language)) return true
  for (const before of earlier.slice(-sceneMessages).toReversed()) {
    if (before.speaker.kind === 'persona') continue
    if (language.fictionEnds.test(wordsOf(before.text, language))) return false
    if (opensScene(before.text, language)) return true
  }
  return false
}

/** The same person's next words take it back: "just kidding", "no, I meant my brother", "*1998". */
export function takenBack(
  message: SaidMessage,
  later: readonly SaidMessage[],
  language: Language,
): Refusal | undefined {
  const next = later.find(
    ({ speaker }) => speaker.kind === 'participant' && sameSpeaker(speaker, message.speaker),
  )
  if (next === undefined) return undefined
  const plain = wordsOf(next.text, language)
  if (language.correction.test(plain) || /^\s*\*[^\s*]+\s*$|^\s*[^\s*]+\*\s*$/u.test(next.text))
    return 'taken-back'
  return language.ironic.test(plain) || language.ironic.test(fold(next.text)) ? 'ironic' : undefined
}

export const isCorrection = (doc: Doc, language: Language): boolean =>
  language.correction.test(doc.sentences.map(({ plain }) => plain).join(' '))

export const sameSpeaker = (a: SaidMessage['speaker'], b: SaidMessage['speaker']): boolean =>
  a.kind === 'participant' && b.kind === 'participant' ? a.id === b.id : a.kind === b.kind
