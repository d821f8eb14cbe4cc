import type { Refusal } from './fact.ts'
import type { Span } from './gate-text.ts'
import type { Doc, Segment, Token } from './gate-tokens.ts'
import { isKnownWord } from './gate-words.ts'
import type { Language } from './languages/language.ts'

export interface Evidence {
  readonly language: Language
  readonly doc: Doc
  readonly quote: Span
  /** The persona's question that a short answer needs, and how it was answered. */
  readonly answer: { readonly question: Doc; readonly says: 'yes' | 'no' | 'other' } | undefined
  /** The words for the one whom the statement is about, where it is not the speaker. */
  readonly subject: readonly string[]
  /** Folded words that need no support: the speaker's name. */
  readonly names: ReadonlySet<string>
  /** Digits of resolved dates, which the extractor may have written out. */
  readonly dateNumbers: ReadonlySet<string>
  readonly timed: (token: Token) => boolean
}

export interface Match {
  readonly told: Token
  readonly said: Token
  readonly segment: Segment
}

export type Support =
  | { readonly refusal: Refusal }
  | {
      readonly refusal: undefined
      /** The clauses that carry the statement: not those that only gave a name. */
      readonly used: readonly Segment[]
    }

export interface Source {
  readonly segment: Segment
  readonly negative: boolean
  readonly inQuote: boolean
  readonly asked: boolean
}

/** In the middle of a statement, and no word that we know. German writes all nouns so. */
export const isName = (token: Token, told: Doc, language: Language): boolean =>
  token.capital &&
  language.nouns === 'lower' &&
  token !== told.tokens[0] &&
  !isKnownWord(token.word, language)
