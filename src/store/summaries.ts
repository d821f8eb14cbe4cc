import type { Room } from '../core/conversation.ts'
import type { RoomId } from '../core/ids.ts'
import type { MemoryTask, Summary } from '../core/memory.ts'
import type { Place } from '../vault/seal.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { keep } from './keep.ts'
import { summaries } from './memory-schema.ts'
import { keyOwner } from './room-key.ts'
import { statement, value } from './statement.ts'

type Where = Pick<Room, 'owner' | 'id' | 'kind'>

const place = (row: string): Place => ({ table: 'summaries', column: 'content', row })

const reading = statement(
  'summary',
  sql`select to_position::float8 as "to", content from summaries
    where owner_id = ${value('owner')} and room_id = ${value('room')}`,
)

/** Undefined where there is none. */
export async function readSummary(
  context: StoreContext,
  { owner, id }: Pick<Where, 'owner' | 'id'>,
): Promise<Summary | undefined> {
  const values = { owner, room: id }
  const rows = await context.database.statement(reading, values, { relaxed: true })
  const [row] = rows as unknown as readonly { readonly to: number; readonly content: Uint8Array }[]
  if (row === undefined) return undefined
  const opened = await openSummary(context, id, row.content)
  return opened && { to: row.to, ...opened }
}

/** Undefined where those whom it is about were erased. */
export async function openSummary(
  { vault, signal }: StoreContext,
  room: RoomId,
  sealed: Uint8Array,
): Promise<Omit<Summary, 'to'> | undefined> {
  const [content] = await vault.openTexts([{ place: place(room), sealed }], signal)
  if (content === undefined) return undefined
  const { text, account, accountTo } = JSON.parse(content) as Omit<Summary, 'to'>
  return { text, account, accountTo }
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
