import type { Token } from './gate-tokens.ts'
import { isKnownWord, isPerson } from './gate-words.ts'
import type { Language } from './languages/language.ts'

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
      if (isSpeaker(token) || genitive(token) || token.word === 's') continue
      // "Neither of Ada's parents."
      if (words.length === 0 && (language.negators.has(token.word) || language.openers.has(token.word)))
        continue
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
