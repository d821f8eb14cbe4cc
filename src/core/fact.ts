import type { FactId, MessageId, PersonaId } from './ids.ts'

export const personFactKinds = ['attribute', 'preference', 'event', 'plan', 'relationship'] as const
export const personaFactKinds = ['promise', 'self'] as const
export type FactKind = (typeof personFactKinds)[number] | (typeof personaFactKinds)[number]

export const sensitivities = ['none', 'health', 'sexuality', 'religion', 'politics', 'finance'] as const
export type Sensitivity = (typeof sensitivities)[number]

/** 1: good to know. 2: matters to the person. 3: to forget it would hurt. */
export type Importance = 1 | 2 | 3

/** `other`: a third person, named or described as the speaker did. */
export type About =
  | { readonly kind: 'speaker' }
  | { readonly kind: 'other'; readonly name: string }
  | { readonly kind: 'persona' }

/** `2026-11-20`, `2026-11`, `2026 spring` or `2026`. */
export type Moment = string

/** One statement that can be checked, with what is known of it. */
export interface FactContent {
  /** Dates in it are absolute, or stand as they were said with the message's date beside them. */
  readonly statement: string
  readonly about: About
  readonly kind: FactKind
  /** Verbatim from the message, up to Unicode compatibility forms; empty for what a person had written down. */
  readonly quote: string
  readonly saidAt: Date
  readonly validFrom: Moment | undefined
  readonly validTo: Moment | undefined
  readonly importance: Importance
  readonly sensitivity: Sensitivity
}

/** A fact as it is kept. */
export interface KnownFact extends FactContent {
  readonly id: FactId
  /** By which the person names it. Never used again. */
  readonly number: number
  readonly pinned: boolean
  /** A later one says otherwise: it was true, and is not any more. */
  readonly superseded: boolean
  /** What it was made of, all of one room; none where the person had it written down. */
  readonly sources: readonly MessageId[]
}

/** What becomes of the facts known of somebody. */
export type FactChange =
  | {
      readonly kind: 'add'
      readonly id: FactId
      readonly content: FactContent
      readonly sources: readonly MessageId[]
      readonly supersedes: readonly FactId[]
      /** Who alone knows it; only of what has no sources. */
      readonly toldTo?: PersonaId | undefined
    }
  /** It was said again. */
  | { readonly kind: 'source'; readonly fact: FactId; readonly sources: readonly MessageId[] }
