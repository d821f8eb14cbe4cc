import type { Refusal } from './fact.ts'
import type { Span } from './gate-text.ts'
import { type Doc, overlaps, type Segment, segmentsOf, type Token } from './gate-tokens.ts'
import { isActing, isKnownWord, isNumber, isPerson, sameWord } from './gate-words.ts'
import type { Language } from './languages/language.ts'

export interface Evidence {
  readonly language: Language
  readonly doc: Doc
  readonly quote: Span
  /** The persona's question that a short answer needs, and how it was answered. */
  readonly answer: { readonly question: Doc; readonly says: 'yes' | 'no' | 'other' } | undefined
  /** Folded words that need no support: the speaker's name. */
  readonly names: ReadonlySet<string>
  /** Digits of resolved dates, which the extractor may have written out. */
  readonly dateNumbers: ReadonlySet<string>
  readonly timed: (token: Token) => boolean
}

interface Match {
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

interface Source {
  readonly segment: Segment
  readonly negative: boolean
  readonly inQuote: boolean
  readonly asked: boolean
}

/** A clause denies when it has a negation, or an end ("I quit smoking"), but not both. */
export function denies(segment: Segment, language: Language): boolean {
  const plain = segment.plain.replace(new RegExp(language.noNegation, 'gu'), ' ')
  const sentenceStart = segment.sentence.segments[0] === segment
  const negative = plain.split(' ').some((word, at) => {
    const particle = at === 0 && sentenceStart && language.no.has(word) && segment.tokens.length === 1
    return !particle && language.negators.has(word)
  })
  return negative !== language.ending.test(plain)
}

function sourcesOf({ doc, quote, answer, language }: Evidence): readonly Source[] {
  const own = segmentsOf(doc).map((segment) => ({
    segment,
    negative: denies(segment, language),
    inQuote: segment.tokens.some((token) => overlaps(token, quote)),
    asked: false,
  }))
  if (answer === undefined) return own
  const asked = segmentsOf(answer.question).map((segment) => ({
    segment,
    negative: answer.says === 'no' ? !denies(segment, language) : denies(segment, language),
    inQuote: true,
    asked: true,
  }))
  return [...own, ...asked]
}

/** Every word of the statement that carries something must have been said, in a clause that denies no less. */
export function support(told: Doc, evidence: Evidence): Support {
  const { language } = evidence
  const sources = sourcesOf(evidence)
  const matches: Match[] = []
  for (const segment of segmentsOf(told)) {
    const negative = denies(segment, language)
    const contents = segment.tokens.filter((token) => isContent(token, evidence))
    const counts = new Map(
      sources.map((source) => [
        source,
        contents.filter((token) => findWord(token, told, [source], evidence).length > 0).length,
      ]),
    )
    // One clause should carry it all, and best the one that is quoted.
    const rank = (source: Source) => (source.inQuote ? 100 : 0) + (counts.get(source) ?? 0)
    const bears = contents.some((token) => !isPerson(token.word, language) && !isName(token, told, language))
    for (const token of contents) {
      const found = findWord(token, told, sources, evidence)
      if (found.length === 0) {
        if (evidence.dateNumbers.has(token.word.replace(/^0+/, ''))) continue
        return { refusal: 'unsupported' }
      }
      const names = bears && (isPerson(token.word, language) || isName(token, told, language))
      const agreeing = names ? found : found.filter(({ source }) => source.negative === negative)
      const best = agreeing.toSorted((a, b) => rank(b.source) - rank(a.source))[0]
      if (best === undefined) return { refusal: 'wrong-polarity' }
      matches.push({ told: token, said: best.said, segment: best.source.segment })
    }
  }
  return conclude(told, matches, sources, evidence)
}

const isName = (token: Token, told: Doc, language: Language): boolean =>
  token.capital &&
  language.nouns === 'lower' &&
  token !== told.tokens[0] &&
  !isKnownWord(token.word, language)

function isContent(token: Token, { language, names }: Evidence): boolean {
  const { word } = token
  if (names.has(word) || (word.endsWith('s') && names.has(word.slice(0, -1)))) return false
  if (language.negators.has(word)) return false
  if (language.be.has(word) || language.have.has(word)) return false
  if (language.strictPrepositions.has(word)) return true
  if (language.numbers.has(word) && language.free.has(word)) return false
  return !language.free.has(word)
}

interface Found {
  readonly said: Token
  readonly source: Source
}

function findWord(
  token: Token,
  told: Doc,
  sources: readonly Source[],
  { language, answer }: Evidence,
): readonly Found[] {
  const exact = isName(token, told, language)
  return sources.flatMap((source) =>
    source.segment.tokens
      .filter((said) => {
        if (!sameWord(token.word, said.word, language, exact)) return false
        if (pastMadePresent(token.word, said, source.segment, language)) return false
        // An open question's names and numbers were not chosen by the one who answers.
        return !source.asked || answer?.says !== 'other' || !(said.capital || isNumber(said, language))
      })
      .map((said) => ({ said, source })),
  )
}

/** "I lived in Graz" does not say that she lives there; "I have lived" does. */
function pastMadePresent(told: string, said: Token, segment: Segment, language: Language): boolean {
  if (language.code !== 'en' || !said.word.endsWith('ed') || !/[^s]s$/.test(told)) return false
  return !segment.tokens.some(({ word }) => word === 'have' || word === 'has')
}

function conclude(
  told: Doc,
  matches: readonly Match[],
  sources: readonly Source[],
  evidence: Evidence,
): Support {
  const { language, quote, doc } = evidence
  const own = sources.filter(({ asked }) => !asked)
  const quoted = sources.filter(({ inQuote }) => inQuote).map(({ segment }) => segment)
  if (matches.length === 0) return { refusal: 'unsupported' }
  const bearing = matches.filter(
    ({ told: token, said }) => !onlyNames(token, told, language) && !evidence.timed(said),
  )
  const unnamed = matches.filter(({ told: token }) => !isNaming(token, told, language))
  const used = [
    ...new Set(
      (bearing.length > 0 ? bearing : unnamed.length > 0 ? unnamed : matches).map(({ segment }) => segment),
    ),
  ]
  if (isScattered(bearing, told, language)) return { refusal: 'unsupported' }
  const quoteSentences = doc.sentences.filter((sentence) => overlaps(sentence, quote))
  const near = matches.filter(
    ({ segment }) => quoted.includes(segment) || quoteSentences.includes(segment.sentence),
  )
  if (near.length * 2 < matches.length) return { refusal: 'unsupported' }
  if (!used.some((segment) => quoted.includes(segment))) return { refusal: 'unsupported' }
  if (!own.some(({ inQuote }) => inQuote)) return { refusal: 'quote-not-said' }
  if (!frameIsSaid(told, [...used, ...quoted], language)) return { refusal: 'unsupported' }
  if (ownerLost(matches, told, language)) return { refusal: 'unsupported' }
  if (directionTurned(matches, doc, told, language)) return { refusal: 'wrong-sense' }
  return { refusal: undefined, used }
}

const isNaming = (token: Token, told: Doc, language: Language): boolean =>
  token.capital && language.naming.has(told.tokens[told.tokens.indexOf(token) - 1]?.word ?? '')

/** Whom it is about, or how somebody is called: may have been said in a clause before. */
function onlyNames(token: Token, told: Doc, language: Language): boolean {
  const at = told.tokens.indexOf(token)
  const before = told.tokens[at - 1]?.word ?? ''
  if (language.naming.has(before)) return isNaming(token, told, language)
  if (isPerson(token.word, language)) return true
  if (!isName(token, told, language) && at > 0) return false
  // The subject, or somebody beside it: "Ada and Tom", "Ada's sister Ruth".
  return at <= 1 || before === 's' || language.andWords.has(before) || isPerson(before, language)
}

/** A verb of one clause with the object of another: "I like the hills, I hate the sea" is no liking of the sea. */
function isScattered(bearing: readonly Match[], told: Doc, language: Language): boolean {
  const segments = [...new Set(bearing.map(({ segment }) => segment))]
  if (segments.length < 2) return false
  const pointsBack = segments.some(({ tokens }) =>
    tokens.some(({ word }) => language.objectPronouns.has(word)),
  )
  if (pointsBack) return false
  return segments.some(({ tokens }) => {
    const verb = tokens.find(({ word }) => isActing(word, language))
    return verb !== undefined && !told.tokens.some(({ word }) => sameWord(word, verb.word, language, false))
  })
}

/** "Has" and "is" say something: "I like cats" makes nobody a cat, nor its owner. */
function frameIsSaid(told: Doc, segments: readonly Segment[], language: Language): boolean {
  const said = segments.flatMap(({ tokens }) => tokens)
  const owns = said.some(({ word }) => language.possessives.has(word))
  const has = (words: ReadonlySet<string>) => said.some(({ word }) => words.has(word))
  return told.tokens.every(({ word }, at) => {
    const next = told.tokens[at + 1]?.word ?? ''
    if (language.auxiliaryBefore.test(next)) return true
    if (language.be.has(word)) return owns || has(language.be)
    if (language.have.has(word)) return owns || has(language.have)
    return true
  })
}

/** Of "my boss's dog" the statement kept the boss alone. */
function ownerLost(matches: readonly Match[], told: Doc, language: Language): boolean {
  if (language.code !== 'en') return false
  return matches.some(({ said, segment }) => {
    const at = segment.tokens.indexOf(said)
    const owned = segment.tokens.slice(at + 2).find(({ word }) => !language.free.has(word))
    if (segment.tokens[at + 1]?.word !== 's' || owned === undefined || !isKnownWord(owned.word, language))
      return false
    return !told.tokens.some(({ word }) => sameWord(word, owned.word, language, false))
  })
}

/** "Near Lyon" is not "in Lyon". */
function directionTurned(matches: readonly Match[], doc: Doc, told: Doc, language: Language): boolean {
  const before = (tokens: readonly Token[], token: Token) => tokens[tokens.indexOf(token) - 1]?.word ?? ''
  return matches.some(({ told: token, said, segment }) => {
    if (!isName(token, told, language) && language.nouns === 'lower') return false
    const wanted = before(segment.tokens, said)
    if (!language.strictPrepositions.has(wanted) || !doc.tokens.includes(said)) return false
    return before(told.tokens, token) !== wanted
  })
}
