import { cleanText, isBlank } from '../core/text.ts'
import { type Batch, type Candidate, type Fact, type Refusal, refusals, type SaidMessage } from './fact.ts'
import { judge } from './gate-judge.ts'
import { findQuote, normalise } from './gate-text.ts'

const statementCharsMost = 240
const quoteCharsMost = 500
/** What is longer was not typed by hand; and nobody wants to wait for it. */
const messageCharsMost = 8_000
/** Of one message; nobody says more that lasts in one breath. */
const factsMost = 8

export type RefusalCounts = Readonly<Record<Refusal, number>>

export interface Gated {
  readonly facts: readonly Fact[]
  /** All reasons, also those that did not occur. */
  readonly refused: RefusalCounts
}

export const noRefusals = (): Record<Refusal, number> =>
  Object.fromEntries(refusals.map((refusal) => [refusal, 0])) as Record<Refusal, number>

/**
 * Lets through only what a message of the batch says. It knows no model and no chance: the same candidates
 * always give the same facts. `candidates` name messages by their place in the batch, from 1.
 */
export function gate(batch: Batch, candidates: readonly Candidate[]): Gated {
  const refused = noRefusals()
  const facts: Fact[] = []
  const seen = new Set<string>()
  const perMessage = new Map<SaidMessage, number>()
  for (const candidate of candidates) {
    const verdict = check(batch, candidate)
    if ('refusal' in verdict) {
      refused[verdict.refusal]++
      continue
    }
    // Said again in another message, it has another source.
    const key = `${verdict.message.id} ${verdict.fact.about.kind} ${verdict.key}`
    const count = perMessage.get(verdict.message) ?? 0
    if (seen.has(key)) refused.duplicate++
    else if (count >= factsMost) refused['too-many']++
    else {
      seen.add(key)
      perMessage.set(verdict.message, count + 1)
      facts.push(verdict.fact)
    }
  }
  return { facts, refused }
}

type Checked =
  | { readonly refusal: Refusal }
  | { readonly fact: Fact; readonly message: SaidMessage; readonly key: string }

function check(batch: Batch, candidate: Candidate): Checked {
  if (candidate.statement.length > statementCharsMost || candidate.quote.length > quoteCharsMost)
    return { refusal: 'too-long' }
  const statement = cleanText(candidate.statement).replace(/\s+/g, ' ').trim()
  if (isBlank(statement) || isBlank(candidate.quote)) return { refusal: 'quote-too-short' }
  const message = quotedMessage(batch, candidate)
  if (message === undefined) {
    const before = batch.before.some(({ text }) => findQuote(normalise(text), candidate.quote).length > 0)
    if (before) return { refusal: 'not-extractable' }
    return {
      refusal: batch.messages[candidate.message - 1] === undefined ? 'no-such-message' : 'quote-not-said',
    }
  }
  if (message.text.length > messageCharsMost) return { refusal: 'too-long' }
  const judged = judge(batch, message, { ...candidate, statement })
  return 'refusal' in judged ? judged : { ...judged, message }
}

/** The message that is named, or, since small models miscount, the only other one that has these words. */
function quotedMessage({ messages }: Batch, { message, quote }: Candidate): SaidMessage | undefined {
  const says = ({ text }: SaidMessage) => findQuote(normalise(text), quote).length > 0
  const named = messages[message - 1]
  if (named !== undefined && says(named)) return named
  const others = messages.filter(says)
  return others.length === 1 ? others[0] : undefined
}
