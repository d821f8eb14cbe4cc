import type { PersonaId } from '../core/ids.ts'
import type { MemoryTasks } from '../core/memory.ts'
import type { Generator } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { Recall } from '../memory/recall.ts'
import type { FollowUpTools } from './follow-ups.ts'

export type JobEvent =
  | { readonly kind: 'remembered' | 'changed-meanwhile' }
  /** `refused`: how often for which reason. */
  | {
      readonly kind: 'extracted'
      readonly facts: number
      readonly refused: Readonly<Record<string, number>>
    }
  /** `reason`: the code of an error. */
  | {
      readonly kind: 'passed-over'
      readonly what: 'message' | 'stretch' | 'account'
      readonly reason: string
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly failures: number }

/** What the jobs work with. */
export interface JobTools {
  readonly tasks: MemoryTasks
  readonly generator: Generator
  readonly recall: Pick<Recall, 'embedMissing'>
  readonly personas: ReadonlyMap<PersonaId, Persona>
  /** The same as for replies: a model server loads a model anew for another one. */
  readonly contextTokens: number
  readonly now: () => Date
  /** Without it nothing is asked after. */
  readonly followUps?: FollowUpTools | undefined
  readonly observe: (event: JobEvent) => void
}

/** `more` is left to do; or something has `changed` meanwhile, and it is to be done anew. */
export type Progress = 'done' | 'more' | 'changed'

/** How much of a room is done before others have their turn: each step is a call of a model or a few. */
export interface Steps {
  /** `false` when none is left. */
  take(): boolean
}
