import type { PersonaId } from './ids.ts'
import type { Lorebook, LoreRole } from './lore.ts'
import type { Sampling } from './model.ts'

/** One exchange that shows how the persona speaks. */
export interface Example {
  /** Empty where the persona speaks unasked. */
  readonly user: string
  readonly reply: string
}

export const unpromptedKinds = ['reminders', 'follow-ups', 'mornings'] as const
export type Unprompted = (typeof unpromptedKinds)[number]

export interface Manners {
  /** How long the room must be still before the persona answers, in milliseconds. */
  readonly settleMs?: number
  /** How readily it speaks in a group unasked, from 0 to 1; goes before what its card says of it. */
  readonly talkativeness?: number
  /** `human`: a reply comes when somebody could have typed it, and whole. */
  readonly typing?: 'human' | 'off'
  /** See `quietUntil`. */
  readonly quietHours?: string
  /** What it says first where a person has switched that on; reminders alone if left out. */
  readonly unprompted?: readonly Unprompted[]
}

/** A picture of the persona. */
export interface Avatar {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** What a character card says beyond the fields of a persona. The first two are for prompts, the rest is for people. */
export interface CardParts {
  /** Stands in the place of the usual rules; `{{original}}` in it is those rules. Empty: the usual rules. */
  readonly systemPrompt: string
  /** Stands so many messages before the history's end. */
  readonly note: { readonly text: string; readonly depth: number; readonly role: LoreRole } | undefined
  /** First words for groups alone. */
  readonly groupGreetings: readonly string[]
  /** How readily it speaks in a group unasked, from 0 to 1. */
  readonly talkativeness: number | undefined
  readonly creator: string
  readonly creatorNotes: string
  readonly characterVersion: string
  readonly tags: readonly string[]
}

export interface Persona {
  readonly id: PersonaId
  readonly name: string
  readonly avatar?: Avatar
  /** Who the persona is, in the words that the model reads. Macros allowed, as in all texts here. */
  readonly description: string
  readonly personality: string
  readonly scenario: string
  /** The first words in a new room; the first one is used. */
  readonly greetings: readonly string[]
  readonly examples: readonly Example[]
  /** Said to the model after the history, where it weighs most. */
  readonly reminder: string
  /** With what each reply begins, where the model's host can be told so. */
  readonly prefill?: string
  readonly model: {
    readonly name?: string
    readonly sampling: Sampling
    /** A reply ends before any of these. */
    readonly stop?: readonly string[]
  }
  readonly budget: {
    /** The most that prompt and reply may take together, in tokens; the model's own limit holds too. */
    readonly contextTokens: number
    /** The longest reply, in tokens. */
    readonly replyTokens: number
  }
  readonly manners: Manners
  /** The books in its folder, its card's first. */
  readonly lore?: readonly Lorebook[]
  readonly card?: CardParts
}
