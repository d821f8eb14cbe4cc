import type { Room } from '../core/conversation.ts'
import type { RoomId } from '../core/ids.ts'
import type { MemoryTask, Summary } from '../core/memory.ts'
import type { Place } from '../vault/seal.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { isUnreadable } from './errors.ts'
import { keep } from './keep.ts'
import { summaries } from './memory-schema.ts'
import { keyOwner } from './room-key.ts'
import { statement, value } from './statement.ts'

const place = (room: string, persona: Uint8Array): Place => ({
  table: 'summaries',
  column: 'content',
  row: `${room} ${Buffer.from(persona).toString('hex')}`,
})

const reading = statement(
  'summary',
  sql`select to_position::float8 as "to", content from summaries
    where owner_id = ${value('owner')} and room_id = ${value('room')} and persona = ${value('persona')}`,
)

/** Undefined where there is none that can be read. `persona`: blind. */
export async function readSummary(
  context: StoreContext,
  { owner, id }: Pick<Room, 'owner' | 'id'>,
  persona: Uint8Array,
): Promise<Summary | undefined> {
  const values = { owner, room: id, persona }
  const rows = await context.database.statement(reading, values, { relaxed: true })
  const [row] = rows as unknown as readonly { readonly to: number; readonly content: Uint8Array }[]
  if (row === undefined) return undefined
  try {
    const opened = await openSummary(context, id, persona, row.content)
    return opened && { to: row.to, ...opened }
  } catch (error) {
    // It is made anew.
    if (isUnreadable(error)) return undefined
    throw error
  }
}

/** Undefined where those whom it is about were erased. */
export async function openSummary(
  { vault, signal }: StoreContext,
  room: RoomId,
  persona: Uint8Array,
  sealed: Uint8Array,
): Promise<Omit<Summary, 'to'> | undefined> {
  const [content] = await vault.openTexts([{ place: place(room, persona), sealed }], signal)
  if (content === undefined) return undefined
  const { text, account, accountTo } = JSON.parse(content) as Omit<Summary, 'to'>
  return { text, account, accountTo }
}

/** `MemoryTasks.keepSummary`. */
export async function keepSummary(
  context: StoreContext,
  task: MemoryTask,
  persona: Uint8Array,
  { to, ...content }: Summary,
): Promise<boolean> {
  const owner = keyOwner({ owner: task.owner, id: task.room, kind: task.kind })
  using sealer = await context.vault.prepare([owner], context.signal)
  const sealed = sealer.seal(owner, place(task.room, persona), JSON.stringify(content))
  const row = { toPosition: to, content: sealed }
  return await keep(context, task, async (transaction) => {
    await transaction
      .insert(summaries)
      .values({ ownerId: task.owner, roomId: task.room, persona, ...row })
      .onConflictDoUpdate({ target: [summaries.ownerId, summaries.roomId, summaries.persona], set: row })
  })
}
