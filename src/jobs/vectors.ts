import type { MemoryTask } from '../core/memory.ts'
import type { JobTools, Progress, Steps } from './tools.ts'

/** So many, and then others have their turn with the database. */
const batchMost = 64

/** Makes the vectors of what was said in the room. */
export async function writeVectors(
  { owner, room }: MemoryTask,
  { recall }: Pick<JobTools, 'recall'>,
  steps: Steps,
  signal: AbortSignal,
): Promise<Progress> {
  const whole = [{ owner, room, from: 0, to: Number.MAX_SAFE_INTEGER }]
  while ((await recall.embedMissing(whole, batchMost, signal)) > 0) if (!steps.take()) return 'more'
  return 'done'
}
