import type { Room } from '../core/conversation.ts'
import type { MemoryTask, Summary } from '../core/memory.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq } from './drizzle.ts'
import { keep } from './keep.ts'
import { keyOwner } from './room-key.ts'
import { summaries } from './schema.ts'

type Where = Pick<Room, 'owner' | 'id' | 'kind'>

const place = (row: string): Place => ({ table: 'summaries', column: 'content', row })

/** Undefined where there is none. */
export async function readSummary(
  context: StoreContext,
  { owner, id }: Pick<Where, 'owner' | 'id'>,
): Promise<Summary | undefined> {
  const [row] = await run(context, (db) =>
    db
      .select({ to: summaries.toPosition, content: summaries.content })
      .from(summaries)
      .where(and(eq(summaries.ownerId, owner), eq(summaries.roomId, id))),
  )
  if (row === undefined) return undefined
  const content = await context.vault.openText({ place: place(id), sealed: row.content }, context.signal)
  const { text, account, accountTo } = JSON.parse(content) as Omit<Summary, 'to'>
  return { to: row.to, text, account, accountTo }
}

/** `MemoryTasks.keepSummary`. */
export async function keepSummary(
  context: StoreContext,
  task: MemoryTask,
  { to, ...content }: Summary,
): Promise<boolean> {
  const owner = keyOwner({ owner: task.owner, id: task.room, kind: task.kind })
  using sealer = await context.vault.prepare([owner], context.signal)
  const sealed = sealer.seal(owner, place(task.room), JSON.stringify(content))
  const row = { toPosition: to, content: sealed }
  return await keep(context, task, async (transaction) => {
    await transaction
      .insert(summaries)
      .values({ ownerId: task.owner, roomId: task.room, ...row })
      .onConflictDoUpdate({ target: [summaries.ownerId, summaries.roomId], set: row })
  })
}
