import type { SaidMessage } from './fact.ts'
import type { Doc, Sentence, Token } from './gate-tokens.ts'
import { parse } from './gate-tokens.ts'
import { isKnownWord } from './gate-words.ts'
import type { Language } from './languages/language.ts'

/** A short answer, which means little without the persona's question. */
export interface Answer {
  /** The question, told in the first person. */
  readonly question: Doc
  readonly says: 'yes' | 'no' | 'other'
}

const answerWordsMost = 8

/** Undefined: the message stands for itself. `unclear`: nobody can tell what was meant. */
export function answerTo(
  message: SaidMessage,
  doc: Doc,
  previous: SaidMessage | undefined,
  language: Language,
  ownNames: ReadonlySet<string>,
  otherNames: readonly string[],
): Answer | 'unclear' | undefined {
  if (previous?.speaker.kind !== 'persona' || message.speaker.kind !== 'participant') return undefined
  if (doc.tokens.length === 0 || doc.tokens.length > answerWordsMost) return undefined
  const asked = parse(previous.text, language).sentences.at(-1)
  if (asked === undefined || !asked.close.includes('?')) return undefined
  const first = doc.tokens[0]?.word ?? ''
  const says = language.yes.has(first) ? 'yes' : language.no.has(first) ? 'no' : 'other'
  const [vocative, next] = asked.segments.flatMap(({ tokens }) => tokens)
  const called =
    vocative?.capital === true && next?.gap.includes(',') === true && !isKnownWord(vocative.word, language)
  const addressed =
    (called && !ownNames.has(vocative.word)) ||
    otherNames.some((name) => asked.plain.startsWith(`${name} `) || asked.plain.endsWith(` ${name}`))
  if (addressed || language.uncertainAnswer.test(asked === undefined ? '' : plainOf(doc))) return 'unclear'
  const negated = asked.segments.some(({ tokens }) => tokens.some(({ word }) => language.negators.has(word)))
  if (
    says !== 'other' &&
    (negated || asked.plain.split(' ').some((word) => ['or', 'oder', 'ou', 'o'].includes(word)))
  )
    return 'unclear'
  return { question: firstPerson(asked, previous.text, language), says }
}

const plainOf = (doc: Doc): string => doc.sentences.map(({ plain }) => plain).join(' ')

function firstPerson(asked: Sentence, text: string, language: Language): Doc {
  const turn = (token: Token): Token => ({ ...token, word: language.youToMe.get(token.word) ?? token.word })
  const segments: Sentence['segments'][number][] = []
  const sentence: Sentence = { ...asked, segments, plain: '' }
  for (const { tokens } of asked.segments) {
    const turned = tokens.map(turn)
    segments.push({ tokens: turned, plain: turned.map(({ word }) => word).join(' '), sentence })
  }
  const whole = { ...sentence, plain: segments.map(({ plain }) => plain).join(' ') }
  return {
    normal: parse(text, language).normal,
    tokens: segments.flatMap(({ tokens }) => tokens),
    sentences: [whole],
  }
}
