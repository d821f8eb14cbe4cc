import type { Refusal } from './fact.ts'
import { isVerb, type Subject, subjectOf } from './gate-subject.ts'
import type { Doc, Segment, Token } from './gate-tokens.ts'
import type { Told } from './gate-told.ts'
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
  /** The message. */
  readonly doc: Doc
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
  if (subject.kind === 'second') return check.answering
  if (told.kind === 'speaker') {
    if (subject.kind === 'first') return true
    if (subject.kind === 'third')
      return (
        isExistence(segment, check) || isDoneTo(segment, check) || isEmbedded(subject.words, segment, check)
      )
    return check.answering || language.firstMark.test(segment.plain)
  }
  if (subject.kind === 'third') {
    // A pronoun may stand for whoever the statement names; it was named before, or it would not be supported.
    if (subject.words.length === 0) return told.kind === 'thing' || isAntecedent(told.words, segment, check)
    if (inStatement(subject.words)) return true
    const ofSomebody = subject.words.some((word) => isPerson(word, language))
    return told.kind === 'thing' && !ofSomebody && inSegment(told.words, segment, language)
  }
  if (told.kind === 'thing') return inSegment(told.words, segment, language) || subject.kind === 'unsaid'
  if (subject.kind === 'unsaid') return true
  return inSegment(told.words, segment, language) && describesOnly(statement, language)
}

/** A pronoun stands for the last one who was named before it, as far as a rule can tell. */
function isAntecedent(words: readonly string[], segment: Segment, { doc, language }: SubjectCheck): boolean {
  if (words.some((word) => segment.tokens.some((token) => token.word === word))) return true
  const start = segment.tokens[0]?.start ?? 0
  const before = doc.tokens.filter((token) => token.end <= start)
  const named = ({ word, capital }: Token) =>
    isPerson(word, language) || (capital && !isKnownWord(word, language) && language.nouns === 'lower')
  const last = before.findLastIndex(named)
  if (last < 0) return true
  const chain = [(before[last] as Token).word]
  // "My greyhound named Pixel", "my mom's name is Gloria": two words for one.
  for (let at = last - 1; at >= 0; at--) {
    const token = before[at] as Token
    if (named(token)) chain.push(token.word)
    else if (!links(token.word, language)) break
  }
  return words.some((word) => chain.some((other) => sameWord(other, word, language, false)))
}

const links = (word: string, language: Language): boolean =>
  word === 's' ||
  [language.naming, language.be, language.possessives, language.negators].some((set) => set.has(word))

const inSegment = (words: readonly string[], segment: Segment, language: Language): boolean =>
  words.some((word) => segment.tokens.some((token) => sameWord(token.word, word, language, false)))

/** "Ada has a sister named Ruth" of "my sister Ruth works in Vienna": what she has is called hers there. */
function isExistence(segment: Segment, { statement, language, answering }: SubjectCheck): boolean {
  const at = statement.tokens.findIndex(({ word }) => language.have.has(word))
  if (at < 0) return false
  const had = statement.tokens
    .slice(at + 1)
    .find(({ word }) => !language.free.has(word) && !language.numbers.has(word))
  if (had === undefined) return false
  const { tokens } = segment
  return tokens.some(({ word }, place) => {
    if (!sameWord(had.word, word, language, false)) return false
    // "Two sisters", in answer to a question.
    if (answering) return true
    const owner = tokens.slice(0, place).findLastIndex((token) => language.possessives.has(token.word))
    // "My three old dogs", but not "my sister has dogs".
    return (
      owner >= 0 &&
      tokens
        .slice(owner + 1, place)
        .every((token) => !isVerb(token.word, language) && !isPerson(token.word, language))
    )
  })
}

/** "I hate it when people chew loudly": the speaker's own clause comes first, and both are in the statement. */
function isEmbedded(words: readonly string[], segment: Segment, check: SubjectCheck): boolean {
  const { statement, used, language, timed } = check
  if (!language.embedding.has(segment.tokens[0]?.word ?? '')) return false
  const told = words.some((word) =>
    statement.tokens.some((token) => sameWord(token.word, word, language, false)),
  )
  return told && used.some((other) => other !== segment && subjectOf(other, language, timed).kind === 'first')
}

/** "They offered me the job": she was offered it. */
function isDoneTo(segment: Segment, { statement, language }: SubjectCheck): boolean {
  if (language.code !== 'en' || !segment.tokens.some(({ word }) => word === 'me' || word === 'us'))
    return false
  return /\b(?:was|were|been|got) \p{L}+(?:ed|en)\b/u.test(plainOf(statement.sentences))
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
