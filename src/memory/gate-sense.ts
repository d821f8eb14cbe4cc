import type { Refusal } from './fact.ts'
import { type Subject, subjectOf, type Told } from './gate-subject.ts'
import type { Doc, Segment, Token } from './gate-tokens.ts'
import { isKnownWord, isPerson, sameWord } from './gate-words.ts'
import type { Language } from './languages/language.ts'

const plainOf = (segments: readonly { readonly plain: string }[]): string =>
  segments.map(({ plain }) => plain).join(' ')

/** Wanting is not doing, having been is not being: what bends a clause must bend the statement too. */
export function bent(told: Doc, used: readonly Segment[], language: Language, dated: boolean): boolean {
  const statement = plainOf(told.sentences)
  const said = plainOf(used)
  const progressive = language.code === 'en' && /\b(?:am|is|are) \p{L}+ing\b/u.test(said)
  for (const [at, operator] of language.operators.entries()) {
    const inStatement = operator.test(statement)
    // "We're flying on Monday" may be told as "will fly".
    const mayBeAdded = at === 0 && (dated || progressive)
    if (operator.test(said) !== inStatement && !(inStatement && mayBeAdded)) return true
  }
  const onlyPast = language.past.test(said) && !language.present.test(said)
  return onlyPast && language.present.test(statement) && !language.past.test(statement)
}

export interface SubjectCheck {
  readonly told: Told
  readonly statement: Doc
  readonly used: readonly Segment[]
  readonly language: Language
  readonly timed: (token: Token) => boolean
  /** Nobody needs to be named in a short answer. */
  readonly answering: boolean
}

/** Whether the statement speaks of the one of whom the clauses speak. */
export function subjectAgrees(check: SubjectCheck): boolean {
  if (check.told.kind !== 'speaker' && check.told.words.length === 0) return false
  return check.used.every((segment) =>
    agrees(subjectOf(segment, check.language, check.timed), segment, check),
  )
}

function agrees(subject: Subject, segment: Segment, check: SubjectCheck): boolean {
  const { told, statement, language } = check
  const inStatement = (words: readonly string[]) =>
    words.some((word) => statement.tokens.some((token) => sameWord(token.word, word, language, false)))
  if (told.kind === 'speaker') {
    if (subject.kind === 'first') return true
    if (subject.kind === 'third') return isExistence(subject.words, check)
    return check.answering || language.firstMark.test(segment.plain)
  }
  if (subject.kind === 'third') {
    // A pronoun may stand for whoever the statement names; it was named before, or it would not be supported.
    if (subject.words.length === 0 || inStatement(subject.words)) return true
    const ofSomebody = subject.words.some((word) => isPerson(word, language))
    return told.kind === 'thing' && !ofSomebody && inSegment(told.words, segment, language)
  }
  if (told.kind === 'thing') return inSegment(told.words, segment, language) || subject.kind === 'unsaid'
  if (subject.kind === 'unsaid') return true
  return describesOnly(statement, language)
}

const inSegment = (words: readonly string[], segment: Segment, language: Language): boolean =>
  words.some((word) => segment.tokens.some((token) => sameWord(token.word, word, language, false)))

/** "Ada has a sister named Ruth" of "my sister Ruth works in Vienna"; or something was done by her. */
function isExistence(words: readonly string[], { statement, language }: SubjectCheck): boolean {
  const tokens = statement.tokens
  const at = tokens.findIndex(({ word }) => language.have.has(word))
  if (at < 0) return false
  const had = tokens.slice(at + 1).find(({ word }) => !language.free.has(word) && !language.numbers.has(word))
  return had !== undefined && words.some((word) => sameWord(had.word, word, language, false))
}

/** Nothing but who somebody is: "Lena is Ada's daughter" of "I have a daughter called Lena". */
function describesOnly(statement: Doc, language: Language): boolean {
  return statement.tokens.every(
    ({ word, capital }) =>
      language.be.has(word) ||
      language.free.has(word) ||
      isPerson(word, language) ||
      (capital && !isKnownWord(word, language)),
  )
}

/** In clauses that are joined, each name has its own words: "Lena is 6 and Max just turned 3". */
export function belongsToOther(
  told: Told,
  statement: Doc,
  used: readonly Segment[],
  language: Language,
): Refusal | undefined {
  if (told.kind !== 'other' || language.nouns === 'capital') return undefined
  for (const segment of used) {
    const name = segment.tokens.find((token, at) => {
      const next = segment.tokens[at + 1]
      const leads = at === 0 || language.andWords.has(segment.tokens[at - 1]?.word ?? '')
      return (
        leads && token.capital && next !== undefined && !next.capital && !isKnownWord(token.word, language)
      )
    })
    if (name !== undefined && !statement.tokens.some(({ word }) => sameWord(word, name.word, language, true)))
      return 'wrong-subject'
  }
  return undefined
}
