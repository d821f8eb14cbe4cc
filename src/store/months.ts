import { newUuid } from '../core/ids.ts'
import type { MemoryTask, Month, MonthDue } from '../core/memory.ts'
import type { Slice } from '../core/recall.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import { and, desc, eq, gte, lte, or, sql } from './drizzle.ts'
import { keep } from './keep.ts'
import { episodes, months } from './memory-schema.ts'
import { openGists } from './open-gists.ts'
import { keyOwner } from './room-key.ts'

const place = (row: string): Place => ({ table: 'months', column: 'content', row })

/** Of an episode: the month in which it began. */
export const monthOf = sql<string>`to_char(${episodes.begunAt} at time zone 'UTC', 'YYYY-MM')`

/** `MemoryTasks.readMonthsDue`. */
export async function readMonthsDue(
  context: StoreContext,
  task: MemoryTask,
  least: number,
): Promise<readonly MonthDue[]> {
  return await run(context, (db) =>
    db
      .select({ month: monthOf, episodes: sql<number>`count(*)::int` })
      .from(episodes)
      .leftJoin(
        months,
        and(
          eq(months.ownerId, episodes.ownerId),
          eq(months.roomId, episodes.roomId),
          eq(months.month, monthOf),
        ),
      )
      .where(and(eq(episodes.ownerId, task.owner), eq(episodes.roomId, task.room)))
      .groupBy(monthOf, months.madeOf)
      .having(sql`count(*) >= ${least} and ${months.madeOf} is distinct from count(*)`)
      .orderBy(monthOf),
  )
}

/** `MemoryTasks.keepMonth`. */
export async function keepMonth(
  context: StoreContext,
  task: MemoryTask,
  { month, madeOf, from, to, begunAt, endedAt, gist }: Month,
): Promise<boolean> {
  const owner = keyOwner({ owner: task.owner, id: task.room, kind: task.kind })
  using sealer = await context.vault.prepare([owner], context.signal)
  const [known] = await run(context, (db) =>
    db
      .select({ id: months.id })
      .from(months)
      .where(and(eq(months.ownerId, task.owner), eq(months.roomId, task.room), eq(months.month, month))),
  )
  // The same row, where there is one: nothing that was made with it is wrong for what came to it.
  const id = known?.id ?? newUuid()
  const row = {
    madeOf,
    fromPosition: from,
    toPosition: to,
    content: sealer.seal(owner, place(id), gist),
    begunAt,
    endedAt,
  }
  return await keep(context, task, async (transaction) => {
    await transaction
      .insert(months)
      .values({ ownerId: task.owner, id, roomId: task.room, month, ...row })
      .onConflictDoUpdate({ target: [months.ownerId, months.id], set: row })
  })
}

/** The newest of which all episodes lie in these parts of rooms, the newest first. */
export async function readMonthsWithin(
  context: StoreContext,
  audience: readonly Slice[],
  { from, to }: { readonly from: Date; readonly to: Date },
  most: number,
): Promise<readonly (typeof months.$inferSelect)[]> {
  const parts = audience.map((slice) =>
    and(
      eq(months.ownerId, slice.owner),
      eq(months.roomId, slice.room),
      gte(months.fromPosition, slice.from),
      lte(months.toPosition, slice.to),
    ),
  )
  return await run(context, (db) =>
    db
      .select()
      .from(months)
      .where(and(or(...parts), lte(months.begunAt, to), gte(months.endedAt, from)))
      .orderBy(desc(months.begunAt))
      .limit(most),
  )
}

export const openMonths = (context: StoreContext, rows: readonly (typeof months.$inferSelect)[]) =>
  openGists(context, 'month', place, rows)
