import type { RoomKind } from '../core/conversation.ts'
import type { PromptMessage } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage } from '../core/store.ts'
import { estimateTokens } from './estimate.ts'
import type { Speakers } from './speakers.ts'

/** A message as it stands in the prompt. */
export interface CountedMessage {
  readonly message: HistoryMessage
  readonly prompt: PromptMessage
  readonly tokens: number
}

interface Counted extends Omit<CountedMessage, 'message'> {
  readonly persona: Persona
  readonly roomKind: RoomKind
  readonly name: string
}

/**
 * Counting a long history anew for every turn took 0.3 ms at 140 messages. A message is always the same object
 * as long as nothing about it has changed.
 */
const countedBefore = new WeakMap<HistoryMessage, Counted>()

export function counted(
  persona: Persona,
  roomKind: RoomKind,
  speakers: Speakers,
  message: HistoryMessage,
): CountedMessage {
  const name = speakers.nameOf(message.author)
  const before = countedBefore.get(message)
  if (before?.persona === persona && before.roomKind === roomKind && before.name === name)
    return { message, prompt: before.prompt, tokens: before.tokens }
  const prompt = historyMessage(persona, roomKind, name, message)
  const tokens = estimateTokens(prompt.text)
  countedBefore.set(message, { persona, roomKind, name, prompt, tokens })
  return { message, prompt, tokens }
}

/**
 * What people wrote goes in as it stands: macros in it are never expanded. Where a name stands in front of it, its
 * further lines are set in: none of them can pass for what somebody else says.
 */
function historyMessage(
  persona: Persona,
  roomKind: RoomKind,
  name: string,
  { author, text }: HistoryMessage,
): PromptMessage {
  if (author.kind === 'persona' && author.id === persona.id) return { role: 'assistant', text }
  const told = author.kind === 'persona' || roomKind === 'group'
  return { role: 'user', text: told ? `${name}: ${text.replaceAll('\n', '\n  ')}` : text }
}

/**
 * Where the history begins: at its first message while all fit into the budget (and nothing else is wanted), else at the first
 * message from which on no more than half of the budget is taken. The newest message always stays.
 *
 * It begins where an anchor begins, since the next turn reads from an anchor on: a reply whose question
 * was cut off would bring it back, and the cache would lose the whole history a second time.
 */
export function cut(
  history: readonly { readonly anchor: number; readonly tokens: number }[],
  budget: number,
  mustCut = false,
): { readonly from: number; readonly tokens: number } {
  const all = history.reduce((sum, { tokens }) => sum + tokens, 0)
  if (all <= budget && !mustCut) return { from: 0, tokens: all }
  let from = Math.max(0, history.length - 1)
  let kept = history[from]?.tokens ?? 0
  let sum = kept
  for (let index = from - 1; index >= 0; index--) {
    const { anchor, tokens } = history[index] as { anchor: number; tokens: number }
    sum += tokens
    if (sum > budget / 2) break
    if (history[index - 1]?.anchor === anchor) continue
    from = index
    kept = sum
  }
  return { from, tokens: kept }
}
