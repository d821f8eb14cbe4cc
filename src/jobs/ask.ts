import type { MemoryTask } from '../core/memory.ts'
import type { Prompt } from '../core/model.ts'
import type { JobTools } from './tools.ts'

/** A model that is asked for a paragraph and gives a book is stopped. */
const charactersATokenMost = 12

/** Asks the model once, behind everybody who waits for a reply. Throws `HearthError`, or what the signal throws. */
export async function ask(
  prompt: Prompt,
  task: MemoryTask,
  replyTokens: number,
  { generator, contextTokens: most }: Pick<JobTools, 'generator' | 'contextTokens'>,
  signal: AbortSignal,
): Promise<string> {
  const info = await generator.info(undefined, signal)
  const contextTokens = Math.min(info.contextTokens, most)
  const options = {
    contextTokens,
    replyTokens,
    sampling: { temperature: 0.2 },
    stop: [],
    stickiness: `memory ${task.room}`,
    fairness: task.owner,
    priority: 'job',
  } as const
  let text = ''
  for await (const piece of generator.generate(prompt, options, signal)) {
    if (piece.kind === 'end' || text.length > replyTokens * charactersATokenMost) break
    text += piece.text
  }
  return text
}
