import type { Candidate, Refusal } from './fact.ts'
import type { Span } from './gate-text.ts'
import { type Doc, overlaps } from './gate-tokens.ts'
import type { Language } from './languages/language.ts'

/**
 * The persona's own words give two kinds of facts and no others: what it promised, and what it said of
 * itself. Undefined: it is one of them.
 */
export function personaRefusal(
  candidate: Candidate,
  doc: Doc,
  quote: Span,
  statement: Doc,
  personaNames: ReadonlySet<string>,
  language: Language,
): Refusal | undefined {
  if (candidate.kind !== 'promise' && candidate.kind !== 'self') return 'persona-words'
  if (!personaNames.has(statement.tokens[0]?.word ?? '')) return 'persona-words'
  const sentences = doc.sentences.filter((sentence) => overlaps(sentence, quote)).map(({ plain }) => plain)
  const told = statement.sentences.map(({ plain }) => plain).join(' ')
  if (candidate.kind === 'promise') {
    const promised = sentences.some((plain) => language.promise.test(plain))
    return promised && language.promiseTold.test(told) ? undefined : 'no-promise'
  }
  return sentences.some((plain) => language.selfDescription.test(plain)) ? undefined : 'no-promise'
}
