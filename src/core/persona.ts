import type { PersonaId } from './ids.ts'
import type { Sampling } from './model.ts'

/** One exchange that shows how the persona speaks. */
export interface Example {
  readonly user: string
  readonly reply: string
}

export interface Manners {
  /** How long the room must be still before the persona answers, in milliseconds. */
  readonly settleMs?: number
}

/** A picture of the persona. */
export interface Avatar {
  readonly mediaType: string
  readonly bytes: Uint8Array
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
  readonly model: { readonly name?: string; readonly sampling: Sampling }
  readonly budget: {
    /** The most that prompt and reply may take together, in tokens; the model's own limit holds too. */
    readonly contextTokens: number
    /** The longest reply, in tokens. */
    readonly replyTokens: number
  }
  readonly manners: Manners
}
