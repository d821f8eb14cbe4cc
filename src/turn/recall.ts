import type { Turn } from '../core/conversation.ts'
import type { TurnHistory } from '../core/store.ts'
import type { TurnTools } from './tools.ts'

/** Gathers what the persona knows when it answers: the room's history since the last cut. */
export function recall(turn: Turn, tools: Pick<TurnTools, 'history'>): Promise<TurnHistory> {
  return tools.history.read(turn)
}
