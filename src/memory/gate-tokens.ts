import { fold, type NormalText, normalise } from './gate-text.ts'
import { isActing } from './gate-words.ts'
import type { Language } from './languages/language.ts'

export interface Token {
  /** Folded; contractions are two tokens of one place. */
  readonly word: string
  readonly capital: boolean
  readonly start: number
  readonly end: number
  /** What stands before it: punctuation and spaces. */
  readonly gap: string
}

/** A clause, roughly: what one subject and one negation reach over. */
export interface Segment {
  readonly tokens: readonly Token[]
  /** The words with single spaces. */
  readonly plain: string
  readonly sentence: Sentence
}

export interface Sentence {
  readonly segments: readonly Segment[]
  readonly plain: string
  readonly start: number
  readonly end: number
  /** What stands after its last word. */
  readonly close: string
}

export interface Doc {
  readonly normal: NormalText
  readonly tokens: readonly Token[]
  readonly sentences: readonly Sentence[]
}

const wordPattern = /[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)*/gu
const contractedEnds: ReadonlyMap<string, string> = new Map([
  ['m', 'am'],
  ['ve', 'have'],
  ['ll', 'will'],
  ['re', 'are'],
  ['d', 'would'],
])
const shortForIs = /^(?:he|she|it|that|there|what|who|here|where)$/

function expand(word: string, language: Language): readonly string[] {
  const parts = fold(word).split("'")
  const whole = parts.join('')
  const known = parts.length === 2 || whole === word ? language.contractions.get(whole) : undefined
  if (known !== undefined) return known
  const [base = '', end] = parts
  if (language.code !== 'en' || end === undefined) return parts
  if (end === 's') return [base, base === 'let' ? 'us' : shortForIs.test(base) ? 'is' : 's']
  return [base, contractedEnds.get(end) ?? end]
}

export function tokenise(normal: NormalText, language: Language): readonly Token[] {
  const tokens: Token[] = []
  let after = 0
  for (const match of normal.text.matchAll(wordPattern)) {
    const start = match.index
    const end = start + match[0].length
    const initial = normal.source[normal.places[start] as number] ?? ''
    const capital = initial !== initial.toLowerCase()
    for (const [part, word] of expand(match[0], language).entries()) {
      tokens.push({
        word,
        capital: capital && part === 0,
        start,
        end,
        gap: part === 0 ? normal.text.slice(after, start) : '',
      })
    }
    after = end
  }
  return tokens
}

/** Words alone, for finding out the language. */
export function looseWords(text: string): readonly string[] {
  return (normalise(text).text.match(wordPattern) ?? []).flatMap((word) => fold(word).split("'"))
}

const abbreviations = new Set([
  'mr',
  'mrs',
  'ms',
  'dr',
  'st',
  'prof',
  'bzw',
  'ca',
  'vs',
  'jr',
  'nr',
  'z',
  'b',
  'sr',
  'sra',
])
const germanMonth =
  /^(?:januar|janner|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember)$/

function endsSentence(before: Token, token: Token): boolean {
  const { gap } = token
  if (/[!?\n]/u.test(gap)) return true
  if (!gap.includes('.')) return false
  if (/^\.\s?$/u.test(gap) && abbreviations.has(before.word)) return false
  if (/^\.\s?$/u.test(gap) && /^\d{1,2}$/.test(before.word))
    return !(germanMonth.test(token.word) || /^\d/.test(token.word))
  return !/^\.$/u.test(gap)
}

const clauseWordsLeast = 4
/** How far a clause is looked into; a whole long message at each word would take minutes. */
const clauseAhead = 12
const subjectWithin = 4

function beginsClause(tokens: readonly Token[], at: number, language: Language): boolean {
  const token = tokens[at] as Token
  const next = tokens[at + 1]
  if (/[;:()"]|(?:^|\s)-\s/u.test(token.gap)) return true
  const { thirdPronouns, possessives, clauseWords, andWords } = language
  const isSubject = (word: string) =>
    thirdPronouns.has(word) || language.firstSubject.test(word) || language.youToMe.has(word)
  const toComma = tokens.slice(at + 1, at + clauseAhead).findIndex(({ gap }) => /[,;]/.test(gap))
  const length = toComma < 0 ? Math.min(clauseAhead, tokens.length - at) : toComma + 1
  const namedSubject = (from: number) => {
    const name = tokens[from]
    const verb = tokens[from + 1]
    return (
      name?.capital === true &&
      language.nouns === 'lower' &&
      verb !== undefined &&
      !verb.capital &&
      (language.be.has(verb.word) ||
        language.have.has(verb.word) ||
        /^(?:just|does|will|also|\p{L}{2,}(?:s|ed))$/u.test(verb.word))
    )
  }
  if (clauseWords.has(token.word)) return true
  if (language.embedding.has(token.word) && at > 1 && next !== undefined && !isSubject(next.word)) return true
  if (token.gap.includes(',')) {
    if (isSubject(token.word) || namedSubject(at)) return true
    // "Bin in Hamburg geboren, lebe in Wien": a verb of the speaker's without a pronoun.
    if (language.firstMark.test(token.word) && isActing(token.word, language)) return true
    const rest = plainOf(tokens.slice(at, at + clauseAhead))
    if (language.harmlessTag.test(rest) || language.askingTag.test(rest)) return true
    if (possessives.has(token.word) && length >= clauseWordsLeast) return true
    if (token.word === 'so') return true
    // "By day I bake, by night I sing."
    if (tokens.slice(at, at + subjectWithin).some(({ word }) => language.firstSubject.test(word))) return true
    if (andWords.has(token.word))
      return tokens.slice(at + 1, at + 9).some(({ word }) => isSubject(word) || possessives.has(word))
    return false
  }
  if (!andWords.has(token.word) || next === undefined) return false
  // What a negation reaches is not cut off: "I don't drink and smoke".
  const denied = tokens.slice(0, at).some(({ word }) => language.negators.has(word))
  if (
    !denied &&
    tokens.length - at > 2 &&
    (language.be.has(next.word) || language.have.has(next.word) || isActing(next.word, language))
  )
    return true
  return (
    isSubject(next.word) || namedSubject(at + 1) || (possessives.has(next.word) && length > clauseWordsLeast)
  )
}

/** Also breaks after a leading yes or no, which negates nothing in its own sentence. */
function split(tokens: readonly Token[], language: Language): readonly (readonly Token[])[] {
  const pieces: Token[][] = []
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]
    const afterAnswer =
      at === 1 &&
      token.gap.includes(',') &&
      before !== undefined &&
      (language.no.has(before.word) || language.yes.has(before.word))
    // "Lebe aber seit acht Jahren": the word stands inside the clause that has just begun.
    const inside = pieces.length > 1 && pieces.at(-1)?.length === 1 && language.clauseWords.has(token.word)
    if (at === 0 || afterAnswer || (!inside && beginsClause(tokens, at, language))) pieces.push([])
    pieces.at(-1)?.push(token)
  }
  return pieces
}

const plainOf = (tokens: readonly Token[]): string => tokens.map(({ word }) => word).join(' ')

export function parse(text: string, language: Language): Doc {
  const normal = normalise(text)
  const tokens = tokenise(normal, language)
  const groups: Token[][] = []
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]
    if (before === undefined || (token.start !== before.start && endsSentence(before, token))) groups.push([])
    groups.at(-1)?.push(token)
  }
  const sentences = groups.map((group, at): Sentence => {
    const end = group.at(-1)?.end ?? 0
    const segments: Segment[] = []
    const sentence: Sentence = {
      segments,
      plain: plainOf(group),
      start: group[0]?.start ?? 0,
      end,
      close: normal.text.slice(end, groups[at + 1]?.[0]?.start ?? normal.text.length),
    }
    for (const piece of split(group, language))
      segments.push({ tokens: piece, plain: plainOf(piece), sentence })
    return sentence
  })
  return { normal, tokens, sentences }
}

export const segmentsOf = (doc: Doc): readonly Segment[] => doc.sentences.flatMap(({ segments }) => segments)

export const overlaps = (
  a: { readonly start: number; readonly end: number },
  b: { readonly start: number; readonly end: number },
): boolean => a.start < b.end && b.start < a.end
