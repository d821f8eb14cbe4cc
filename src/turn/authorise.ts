import type { Turn } from '../core/conversation.ts'
import type { TurnHistory } from '../core/store.ts'

/** `withdrawn`: nothing is left to answer. Everything else comes with a sentence for the person. */
export type Refusal =
  | { readonly allowed: false; readonly reason: 'withdrawn' }
  | { readonly allowed: false; readonly reason: 'too-long'; readonly sentence: string }

export type Verdict = { readonly allowed: true } | Refusal

/** Longer than anything that a person types at once; estimating and composing more would only take time. */
const messageCharsMost = 100_000

/** Whether what was said may have an answer. A refusal is a value, with a sentence for the person. */
export function authorise(turn: Turn, history: TurnHistory): Verdict {
  if (turn.kind === 'greeting') return { allowed: true }
  // What stands before was another turn's to answer, even where that one was stopped or has failed.
  const last = history.messages.findLast(
    ({ author, anchor }) => author.kind === 'participant' && anchor >= turn.since,
  )
  if (last === undefined) return { allowed: false, reason: 'withdrawn' }
  return last.text.length > messageCharsMost ? tooLong(messageCharsMost) : { allowed: true }
}

export function tooLong(mostCharacters: number): Refusal {
  const most = mostCharacters.toLocaleString('en')
  const sentence =
    mostCharacters === 0
      ? 'My own description leaves no room for what you say. Whoever runs this companion should shorten it, or choose a model that can read more.'
      : `That message is too long for me to read. Please send it in pieces of at most ${most} characters.`
  return { allowed: false, reason: 'too-long', sentence }
}
