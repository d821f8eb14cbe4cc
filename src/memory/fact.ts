import type { FactContent, FactKind, Importance, Sensitivity } from '../core/fact.ts'
import type { MessageId, ParticipantId } from '../core/ids.ts'

/** Who said it: only what participants say can become a fact about them. */
export type Speaker =
  | { readonly kind: 'participant'; readonly id: ParticipantId; readonly name: string }
  | { readonly kind: 'persona'; readonly name: string }

export interface SaidMessage {
  readonly id: MessageId
  readonly speaker: Speaker
  readonly text: string
  readonly saidAt: Date
  /** The speaker's IANA zone, where it is known; dates are reckoned in it. */
  readonly timeZone?: string
}

/** Messages of one room in order. Nothing recalled, no system prompt: what is not here cannot be extracted. */
export interface Batch {
  /** Said before and seen by an earlier batch: to understand the messages by, never to quote from. */
  readonly before: readonly SaidMessage[]
  readonly messages: readonly SaidMessage[]
  readonly personaName: string
}

/** What the model claims. Nothing of it is to be trusted. */
export interface Candidate {
  /** The number that the message had in the prompt. */
  readonly message: number
  readonly quote: string
  readonly statement: string
  readonly kind: FactKind
  readonly importance: Importance
  readonly sensitivity: Sensitivity
}

/** What has passed the gate. */
export interface Fact extends FactContent {
  /** Whose words they are. */
  readonly speaker: Speaker
  readonly message: MessageId
  /** The persona's question that it answers, whose words it may have. */
  readonly answers: MessageId | undefined
  /** The message takes something back that was said before. */
  readonly corrects: boolean
}

/** Why a candidate became no fact: a closed list, counted. */
export const refusals = [
  'unreadable',
  'too-many',
  'too-long',
  'no-such-message',
  'not-extractable',
  'quote-not-said',
  'quote-too-short',
  'persona-words',
  'no-promise',
  'unknown-language',
  'question',
  'hypothetical',
  'quoted',
  'reported',
  'ironic',
  'role-play',
  'instruction',
  'privilege',
  'secret',
  'about-assistant',
  'small-talk',
  'transient',
  'profile',
  'taken-back',
  'unsupported',
  'wrong-subject',
  'wrong-polarity',
  'wrong-sense',
  'duplicate',
] as const
export type Refusal = (typeof refusals)[number]
