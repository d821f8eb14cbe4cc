import type { Platform, Turn, TurnOutcome } from './conversation.ts'
import type { ErasureCertificate } from './people.ts'

export type Stage = 'recall' | 'compose' | 'generate' | 'deliver' | 'remember'

/** What the engine tells operators: ids, numbers and errors, never what anybody said. */
export interface Observer {
  accepted(platform: Platform): void
  /** `result`: `ok`, or the code of the error. */
  delivered(platform: Platform, result: string): void
  stageTook(stage: Stage, ms: number): void
  closed(turn: Turn, outcome: TurnOutcome, tokens: { readonly prompt: number; readonly reply: number }): void
  /** `next`: what becomes of the turn. */
  failed(turn: Turn, error: unknown, next: 'tried again' | 'given up'): void
  /** Somebody has had themself erased. */
  erased(certificate: ErasureCertificate): void
  /** A reply is made without what was said in earlier times, or without some of that. */
  recallFailed(error: unknown): void
  /** Each time the store was asked for work; `trouble` is undefined when it has answered. */
  askedStore(trouble: unknown): void
}
