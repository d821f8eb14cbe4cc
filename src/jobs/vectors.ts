import type { MemoryTask } from '../core/memory.ts'
import type { JobTools } from './tools.ts'

/** So many, and then others have their turn with the database. */
const batchMost = 64

/** Makes the vectors of all that was said in the room. */
export async function writeVectors(
  { owner, room }: MemoryTask,
  { recall }: Pick<JobTools, 'recall'>,
  signal: AbortSignal,
): Promise<void> {
  const whole = [{ owner, room, from: 0, to: Number.MAX_SAFE_INTEGER }]
  while ((await recall.embedMissing(whole, batchMost, signal)) > 0) signal.throwIfAborted()
}
