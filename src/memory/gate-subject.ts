import type { Segment, Token } from './gate-tokens.ts'
import { isActing, isKnownWord, isPerson } from './gate-words.ts'
import type { Language } from './languages/language.ts'

/** Of whom a clause tells: the speaker, the one spoken to, somebody or something else (with the words for it), or unsaid. */
export type Subject =
  | { readonly kind: 'first' }
  | { readonly kind: 'second' }
  | { readonly kind: 'third'; readonly words: readonly string[] }
  | { readonly kind: 'unsaid' }

const phraseWords = 3

/** The words of "my old dog Bruno": the one for a person with the names after it, or else the next two. */
function nounPhrase(tokens: readonly Token[], language: Language): readonly string[] {
  const phrase: Token[] = []
  for (const token of tokens.slice(0, phraseWords)) {
    if (/[,;:]/.test(token.gap) || language.be.has(token.word) || language.have.has(token.word)) break
    if (isKnownWord(token.word, language) && !isPerson(token.word, language) && phrase.length > 0) break
    phrase.push(token)
  }
  const person = phrase.findIndex(({ word }) => isPerson(word, language))
  if (person < 0) return phrase.slice(0, 2).map(({ word }) => word)
  const names = phrase.slice(person + 1)
  const last = names.findIndex(({ capital }) => !capital)
  const named = language.nouns === 'capital' ? names.slice(0, 1) : last < 0 ? names : names.slice(0, last)
  return [phrase[person] as Token, ...named].map(({ word }) => word)
}

/** Where the subject may begin: after openers, times and phrases like "in the middle of it all". */
function subjectStart(
  tokens: readonly Token[],
  language: Language,
  timed: (token: Token) => boolean,
): number {
  const opens = (at: number) => {
    const token = tokens[at]
    return (
      token !== undefined &&
      (timed(token) || language.openers.has(token.word) || language.numbers.has(token.word))
    )
  }
  const begins = ({ word }: Token) => language.firstSubject.test(word) || language.possessives.has(word)
  let at = 0
  while (at < tokens.length) {
    const { word } = tokens[at] as Token
    if (opens(at)) at++
    else if (language.determiners.has(word) && opens(at + 1)) at += 2
    else if (language.prepositions.has(word)) {
      // What follows at once belongs to the preposition, and so does what stands before the next subject.
      const next = tokens.slice(at + 2).findIndex(begins)
      const object = tokens.slice(at, at + 2 + next)
      const verbless = object.every((token) => !language.be.has(token.word) && !language.have.has(token.word))
      if (next < 0 || !verbless) return at
      at += 2 + next
      if (!language.prepositions.has((tokens[at - 1] as Token).word)) return at
      at++
    } else return at
  }
  return at
}

export const isVerb = (word: string, language: Language): boolean =>
  language.be.has(word) || language.have.has(word) || isActing(word, language)

/** `timed`: words that only say when, and may stand before the subject. */
export function subjectOf(segment: Segment, language: Language, timed: (token: Token) => boolean): Subject {
  const { tokens, plain } = segment
  const at = subjectStart(tokens, language, timed)
  const begin = tokens[at]
  if (begin === undefined) return { kind: 'unsaid' }
  const before = segment.sentence.segments[segment.sentence.segments.indexOf(segment) - 1]
  if (language.youToMe.has(begin.word) && !language.possessives.has(begin.word)) return { kind: 'second' }
  const rest = tokens.slice(at + 1)
  const joined = language.andWords.has(rest[0]?.word ?? '') && language.firstSubject.test(rest[1]?.word ?? '')
  if (joined || language.firstSubject.test(begin.word)) return { kind: 'first' }
  // "I live in Graz and work at home": the second verb has the subject of the first.
  if (before !== undefined && language.andWords.has(tokens[0]?.word ?? '') && isVerb(begin.word, language))
    return subjectOf(before, language, timed)
  if (language.possessives.has(begin.word)) {
    const words = nounPhrase(rest, language)
    const own =
      words.some((word) => language.selfNouns.has(word)) && !words.some((word) => isPerson(word, language))
    return own ? { kind: 'first' } : { kind: 'third', words }
  }
  if (language.determiners.has(begin.word)) {
    const words = nounPhrase(rest, language)
    // "Il mio gatto", "the other day I".
    const possessive = rest[0] !== undefined && language.possessives.has(rest[0].word)
    if (possessive) return subjectOf({ ...segment, tokens: tokens.slice(at + 1) }, language, timed)
    return { kind: 'third', words }
  }
  if (language.thirdPronouns.has(begin.word)) return { kind: 'third', words: [] }
  if (language.firstSubject.test(plain)) return { kind: 'first' }
  if (!isKnownWord(begin.word, language) || isPerson(begin.word, language)) {
    // "Dyed my hair green": a verb whose subject goes without saying.
    const bareVerb =
      language.code === 'en' && /(?:ed|ing)$/.test(begin.word) && language.firstMark.test(plain)
    const first = bareVerb || (language.nouns === 'lower' && language.firstMark.test(begin.word))
    return first ? { kind: 'first' } : { kind: 'third', words: [begin.word, ...nounPhrase(rest, language)] }
  }
  return language.firstMark.test(plain) ? { kind: 'first' } : { kind: 'unsaid' }
}
