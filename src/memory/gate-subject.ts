import type { Segment, Token } from './gate-tokens.ts'
import { isKnownWord, isPerson } from './gate-words.ts'
import type { Language } from './languages/language.ts'

/** Of whom a clause tells: the speaker, somebody or something else (with the words for it), or unsaid. */
export type Subject =
  | { readonly kind: 'first' }
  | { readonly kind: 'third'; readonly words: readonly string[] }
  | { readonly kind: 'unsaid' }

const phraseWords = 3

/** The words of "my old dog Bruno", as far as the next verb that we know. */
function nounPhrase(tokens: readonly Token[], language: Language): readonly string[] {
  const words: string[] = []
  for (const { word, gap } of tokens.slice(0, phraseWords)) {
    if (/[,;:]/.test(gap) || language.be.has(word) || language.have.has(word)) break
    if (isKnownWord(word, language) && !isPerson(word, language) && words.length > 0) break
    words.push(word)
  }
  return words
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

/** `timed`: words that only say when, and may stand before the subject. */
export function subjectOf(segment: Segment, language: Language, timed: (token: Token) => boolean): Subject {
  const { tokens, plain } = segment
  const at = subjectStart(tokens, language, timed)
  const begin = tokens[at]
  if (begin === undefined) return { kind: 'unsaid' }
  const rest = tokens.slice(at + 1)
  const joined = language.andWords.has(rest[0]?.word ?? '') && language.firstSubject.test(rest[1]?.word ?? '')
  if (joined || language.firstSubject.test(begin.word)) return { kind: 'first' }
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
    const first = language.nouns === 'lower' && language.firstMark.test(begin.word)
    return first ? { kind: 'first' } : { kind: 'third', words: [begin.word, ...nounPhrase(rest, language)] }
  }
  return language.firstMark.test(plain) ? { kind: 'first' } : { kind: 'unsaid' }
}

/** Of whom a statement tells. `thing`: something of the speaker's, such as an exam. */
export type Told =
  | { readonly kind: 'speaker' }
  | { readonly kind: 'other'; readonly words: readonly string[]; readonly name: string }
  | { readonly kind: 'thing'; readonly words: readonly string[] }

const speakerWords = new Set([
  ...['user', 'person', 'speaker', 'i', 'we', 'ich', 'wir', 'nutzer', 'nutzerin', 'benutzer', 'benutzerin'],
  ...['je', 'j', 'nous', 'utilisateur', 'utilisatrice', 'yo', 'usuario', 'usuaria', 'io', 'utente'],
])
const articles = new Set([
  'the',
  'der',
  'die',
  'das',
  'le',
  'la',
  'l',
  'les',
  'el',
  'il',
  'lo',
  'gli',
  'a',
  'an',
  'un',
  'una',
])
const ownerWords = new Set([
  'his',
  'her',
  'their',
  'my',
  'our',
  'sein',
  'seine',
  'ihr',
  'ihre',
  'mein',
  'meine',
  'son',
  'sa',
  'ses',
  'mon',
  'ma',
  'su',
  'sus',
  'mi',
  'suo',
  'sua',
  'mio',
  'mia',
])

/** `names`: the words of the speaker's display name, folded. */
export function toldOf(
  tokens: readonly Token[],
  source: (token: Token) => string,
  names: ReadonlySet<string>,
  language: Language,
): Told {
  const isSpeaker = ({ word }: Token) => names.has(word) || speakerWords.has(word)
  const genitive = ({ word }: Token) => word.endsWith('s') && !names.has(word) && names.has(word.slice(0, -1))
  const at = Math.max(
    0,
    tokens.findIndex(({ word }) => !articles.has(word) || names.has(word)),
  )
  const begin = tokens[at]
  // A pronoun names nobody.
  if (begin === undefined || language.thirdPronouns.has(begin.word)) return { kind: 'thing', words: [] }
  const described = (from: number): Told => {
    const phrase = tokens.slice(from, from + 5)
    const words: string[] = []
    let name = ''
    for (const token of phrase) {
      if (language.be.has(token.word) || language.have.has(token.word)) break
      if (isSpeaker(token) || genitive(token)) continue
      if (language.free.has(token.word) && words.length > 0) {
        if (['of', 'de', 'd', 'di', 'von', 's'].includes(token.word)) continue
        break
      }
      const known = isPerson(token.word, language)
      if (
        known ||
        (token.capital &&
          !isKnownWord(token.word, language) &&
          (language.nouns === 'lower' || words.length > 0))
      ) {
        words.push(token.word)
        if (name === '' || !known) name = source(token)
      } else if (words.length === 0) {
        words.push(token.word)
        name = source(token)
        if (!token.capital || language.nouns === 'capital') return { kind: 'thing', words }
      } else break
    }
    return words.length === 0 ? { kind: 'thing', words } : { kind: 'other', words, name }
  }
  if (ownerWords.has(begin.word)) return described(at + 1)
  if (genitive(begin)) return described(at + 1)
  if (isSpeaker(begin)) {
    let next = at + 1
    while (tokens[next] !== undefined && names.has((tokens[next] as Token).word)) next++
    const after = tokens[next]
    if (after !== undefined && (after.word === 's' || after.gap.startsWith("' "))) {
      return described(after.word === 's' ? next + 1 : next)
    }
    return { kind: 'speaker' }
  }
  return described(at)
}
