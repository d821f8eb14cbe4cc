import type { Turn } from '../core/conversation.ts'
import type { TurnHistory } from '../core/store.ts'

/** `withdrawn`: nothing is left to answer. Everything else comes with a sentence for the person. */
export type Refusal =
  | { readonly allowed: false; readonly reason: 'withdrawn' }
  | { readonly allowed: false; readonly reason: 'too-long'; readonly sentence: string }

export type Verdict = { readonly allowed: true } | Refusal

/** Whether what was said may have an answer. A refusal is a value, with a sentence for the person. */
export function authorise(turn: Turn, history: TurnHistory): Verdict {
  if (turn.kind !== 'reply') return { allowed: true }
  // What stands before was another turn's to answer, even where that one was stopped or has failed.
  const last = history.messages.findLast(
    ({ author, anchor }) => author.kind === 'participant' && anchor >= turn.since,
  )
  return last === undefined ? { allowed: false, reason: 'withdrawn' } : { allowed: true }
}
