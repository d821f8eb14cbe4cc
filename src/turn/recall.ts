import type { Turn } from '../core/conversation.ts'
import type { ModelInfo } from '../core/model.ts'
import type { TurnHistory } from '../core/store.ts'
import type { Images } from '../prompt/images.ts'
import type { TurnTools } from './tools.ts'

/** Gathers what the persona knows when it answers: the room's history since the last cut. */
export function recall(turn: Turn, tools: Pick<TurnTools, 'history'>): Promise<TurnHistory> {
  return tools.history.read(turn)
}

/**
 * What a model that sees is shown: the images since the persona's last reply, also those that others sent
 * before somebody asked about them. Older ones stay words, so that the prompt's beginning stays the same.
 */
export async function recallImages(
  turn: Turn,
  { messages }: TurnHistory,
  model: ModelInfo,
  tools: Pick<TurnTools, 'history'>,
): Promise<Images> {
  if (!model.sees) return new Map()
  const lastReply = messages.findLast(({ author }) => author.kind === 'persona')
  return await tools.history.readImages(turn, lastReply?.anchor ?? 0)
}
