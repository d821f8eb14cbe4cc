import { looseWords } from './gate-tokens.ts'
import { isKnownWord } from './gate-words.ts'
import { english } from './languages/english.ts'
import { french } from './languages/french.ts'
import { german } from './languages/german.ts'
import { italian } from './languages/italian.ts'
import type { Language } from './languages/language.ts'
import { spanish } from './languages/spanish.ts'

export const languages = [english, german, french, spanish, italian] as const

/** Below this share of known words a text is in none of our languages. */
const knownShareLeast = 0.3

function share(words: readonly string[], language: Language): number {
  if (words.length === 0) return 0
  return words.filter((word) => isKnownWord(word, language)).length / words.length
}

/** The message's language; what it leaves open the statement decides. Undefined: none of ours. */
export function languageOf(message: string, statement: string): Language | undefined {
  const said = looseWords(message)
  const told = looseWords(statement)
  const ranked = languages
    .map((language) => {
      const ofMessage = share(said, language)
      // In a handful of words one that is common to two languages would decide.
      const weight = Math.min(1, said.length / 8)
      return { language, ofMessage, rank: ofMessage * weight + share(told, language) * (1 - weight * 0.7) }
    })
    .toSorted((a, b) => b.rank - a.rank)
  const best = ranked[0]
  return best === undefined || Math.max(best.ofMessage, said.length < 4 ? best.rank : 0) < knownShareLeast
    ? undefined
    : best.language
}
