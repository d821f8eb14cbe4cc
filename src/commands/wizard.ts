import type { Readable, Writable } from 'node:stream'
import { type CANCEL_SYMBOL, isCancel } from '@clack/prompts'

/** Where a wizard asks. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}

/** Thrown inside a wizard when somebody leaves it. */
export const cancelled = new Error('cancelled')

/** The answer, if there is one. */
export function given<Answer>(answer: Answer | typeof CANCEL_SYMBOL): Answer {
  if (isCancel(answer)) throw cancelled
  return answer
}
