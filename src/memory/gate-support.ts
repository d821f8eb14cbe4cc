import { conclude } from './gate-conclude.ts'
import { type Evidence, isName, type Match, type Source, type Support } from './gate-evidence.ts'
import { type Doc, overlaps, type Segment, segmentsOf, type Token } from './gate-tokens.ts'
import { isKnownWord, isNumber, isPerson, sameWord } from './gate-words.ts'
import type { Language } from './languages/language.ts'

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
    const bears = contents.some(
      (token) =>
        !evidence.subject.includes(token.word) &&
        !isPerson(token.word, language) &&
        !isName(token, told, language),
    )
    for (const token of contents) {
      const found = findWord(token, told, sources, evidence)
      if (found.length === 0) {
        if (evidence.dateNumbers.has(token.word.replace(/^0+/, ''))) continue
        return { refusal: 'unsupported' }
      }
      const when = found.every(({ said }) => evidence.timed(said))
      const subject = evidence.subject.includes(token.word) && contents.length > 1
      const names =
        when || subject || (bears && (isPerson(token.word, language) || isName(token, told, language)))
      const agreeing = names ? found : found.filter(({ source }) => source.negative === negative)
      const best = agreeing.toSorted((a, b) => rank(b.source) - rank(a.source))[0]
      if (best === undefined) return { refusal: 'wrong-polarity' }
      matches.push({ told: token, said: best.said, segment: best.source.segment })
    }
  }
  return conclude(told, matches, sources, evidence)
}

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
        return (
          !source.asked ||
          answer?.says !== 'other' ||
          !((said.capital && !isKnownWord(said.word, language)) || isNumber(said.word, language))
        )
      })
      .map((said) => ({ said, source })),
  )
}

/** "I lived in Graz" does not say that she lives there; "I have lived" does. */
function pastMadePresent(told: string, said: Token, segment: Segment, language: Language): boolean {
  if (language.code !== 'en' || !/[^e]ed$/.test(said.word) || !/[^s]s$/.test(told)) return false
  return !segment.tokens.some(({ word }) => word === 'have' || word === 'has')
}
