import type { MemoryTask } from '../core/memory.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq } from './drizzle.ts'
import { rooms } from './schema.ts'

/** The lease is what tells a worker's task from a later one of the same room. */
export const isTask = (task: MemoryTask) =>
  and(eq(rooms.ownerId, task.owner), eq(rooms.id, task.room), eq(rooms.rememberLease, task.leaseUntil))

/**
 * Writes down what was made of a room. The room's lock stands between it and whoever changes what was said there:
 * either that is seen here, and nothing is written, or it finds what was written, and takes it away.
 */
export function keep(
  context: StoreContext,
  task: MemoryTask,
  write: (transaction: Drizzle) => Promise<void>,
): Promise<boolean> {
  return transact(context, async (transaction) => {
    const [room] = await transaction
      .select({ id: rooms.id })
      .from(rooms)
      .where(and(isTask(task), eq(rooms.amended, task.amended)))
      .for('update')
    if (room === undefined) return false
    await write(transaction)
    return true
  })
}
