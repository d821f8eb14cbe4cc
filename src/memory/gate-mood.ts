import type { Refusal } from './fact.ts'
import { isVerb } from './gate-subject.ts'
import { fold, type Span } from './gate-text.ts'
import { type Doc, overlaps, type Segment, type Sentence } from './gate-tokens.ts'
import type { Language } from './languages/language.ts'

/** Why a sentence says nothing that holds: it asks, supposes, claims rights, tells what others say. */
export function sentenceMood(
  doc: Doc,
  sentence: Sentence,
  used: readonly Segment[],
  language: Language,
): Refusal | undefined {
  if (asks(sentence, used, language)) return 'question'
  if (supposes(sentence.plain, language) || used.some(({ plain }) => doubts(plain, language)))
    return 'hypothetical'
  if (language.privilege.test(sentence.plain)) return 'privilege'
  if (language.fiction.test(sentence.plain)) return 'role-play'
  if (used.some((segment) => isReported(segment, language))) return 'reported'
  if (/[♪♫🎵🎶]/u.test(lineOf(doc, sentence))) return 'quoted'
  return undefined
}

/** "My boss claims, I am lazy and live at home": what somebody says goes on behind a comma, and behind "and". */
function isReported(segment: Segment, language: Language): boolean {
  if (language.reported.test(segment.plain)) return true
  const { segments } = segment.sentence
  const before = segments[segments.indexOf(segment) - 1]
  if (before === undefined) return false
  const [and, verb] = segment.tokens
  const goesOn = and !== undefined && language.andWords.has(and.word) && isVerb(verb?.word ?? '', language)
  if (goesOn) return isReported(before, language)
  const begins = `${before.plain} ${segment.plain}`
  return !language.reported.test(before.plain) && language.reported.test(begins)
}

/** Of a whole sentence, or of a statement. */
export function supposes(plain: string, language: Language): boolean {
  return language.hypothetical.test(without(plain, language.noHypothesis))
}

export const doubts = (plain: string, language: Language): boolean =>
  language.doubt.test(without(plain, language.noHypothesis))

const without = (plain: string, pattern: RegExp): string => plain.replace(new RegExp(pattern, 'gu'), ' ')

/** A fact may stand before a tag: "My cousin won, can you believe it?" */
function asks({ plain, close, segments }: Sentence, used: readonly Segment[], language: Language): boolean {
  if (language.question.test(plain)) return true
  if (!close.includes('?')) return false
  const last = segments.at(-1)
  const tagged =
    last !== undefined && segments.length > 1 && !used.includes(last) && language.harmlessTag.test(last.plain)
  return !tagged || language.question.test(segments[0]?.plain ?? '')
}

const lineOf = ({ normal }: Doc, { start, end }: Span): string => {
  const from = normal.text.lastIndexOf('\n', start) + 1
  const to = normal.text.indexOf('\n', end)
  return normal.text.slice(from, to < 0 ? undefined : to)
}

const quotedWordsLeast = 4

/** The words stand in quotation marks, or in a line that quotes another message. */
export function isQuoted(doc: Doc, span: Span, language: Language): boolean {
  const line = lineOf(doc, span)
  if (/^\s*>/u.test(line)) return true
  for (const match of doc.normal.text.matchAll(/"([^"\n]*)"/gu)) {
    const stretch = { start: match.index, end: match.index + match[0].length }
    const words = doc.tokens.filter((token) => overlaps(token, stretch))
    const said = words.length >= quotedWordsLeast || words.some(({ word }) => language.firstMark.test(word))
    if (said && span.start >= stretch.start && span.end <= stretch.end) return true
  }
  return false
}

/** What makes the whole message worth nothing as a source. */
export function messageMood(doc: Doc, language: Language): Refusal | undefined {
  const plain = doc.sentences.map((sentence) => sentence.plain).join(' ')
  if (language.ironic.test(plain) || language.ironic.test(fold(doc.normal.text))) return 'ironic'
  if (language.task.test(plain)) return 'quoted'
  if (language.instruction.test(plain)) return 'instruction'
  return undefined
}
