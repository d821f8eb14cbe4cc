import { newUuid } from '../core/ids.ts'
import type { Episode, KnownEpisode, MemoryTask, TalkMessage } from '../core/memory.ts'
import type { Slice } from '../core/recall.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, desc, eq, gte, isNotNull, lt, lte, or, sql } from './drizzle.ts'
import { keep } from './keep.ts'
import { episodes } from './memory-schema.ts'
import { monthOf, openMonths, readMonthsWithin } from './months.ts'
import { openGists } from './open-gists.ts'
import { keyOwner } from './room-key.ts'
import { messages } from './schema.ts'
import { openTalk, talkColumns } from './talk.ts'

const place = (row: string): Place => ({ table: 'episodes', column: 'content', row })
const keyOf = ({ owner, room, kind }: MemoryTask) => keyOwner({ owner, id: room, kind })
const inRoom = (task: MemoryTask) => and(eq(episodes.ownerId, task.owner), eq(episodes.roomId, task.room))

/** `MemoryTasks.readUncovered`. */
export async function readUncovered(
  context: StoreContext,
  task: MemoryTask,
  most: number,
): Promise<readonly (readonly TalkMessage[])[]> {
  // Few, whatever the room's past: looking at each message took seconds in one of 100,000.
  const gaps = sql`(select * from (
    select coalesce(max(e.to_position) over earlier, 0) + 1 as first, e.from_position - 1 as last
    from ${episodes} e where e.owner_id = ${task.owner} and e.room_id = ${task.room}
    window earlier as (order by e.from_position rows between unbounded preceding and 1 preceding)
    union all
    select coalesce(max(e.to_position), 0) + 1, ${Number.MAX_SAFE_INTEGER}::bigint
    from ${episodes} e where e.owner_id = ${task.owner} and e.room_id = ${task.room}
  ) stretch where first <= last) gap`
  const rows = await run(context, (db) =>
    db
      .select({ ...talkColumns, gap: sql<number>`gap.first::float8` })
      .from(messages)
      .innerJoin(gaps, sql`${messages.position} between gap.first and gap.last`)
      .where(
        and(
          eq(messages.ownerId, task.owner),
          eq(messages.roomId, task.room),
          eq(messages.chosen, true),
          eq(messages.passing, false),
          isNotNull(messages.content),
        ),
      )
      .orderBy(asc(messages.anchor), asc(messages.position))
      .limit(most),
  )
  const gapOf = new Map(rows.map(({ id, gap }) => [id, gap]))
  const talk = await openTalk(context, rows)
  return [...Map.groupBy(talk, ({ id }) => gapOf.get(id)).values()]
}

/** `MemoryTasks.keepEpisode`. */
export async function keepEpisode(
  context: StoreContext,
  task: MemoryTask,
  { from, to, begunAt, endedAt, gist }: Episode,
  passedOver: string | undefined,
): Promise<boolean> {
  const owner = keyOf(task)
  using sealer = await context.vault.prepare([owner], context.signal)
  const id = newUuid()
  const content = sealer.seal(owner, place(id), gist)
  return await keep(context, task, async (transaction) => {
    await transaction.insert(episodes).values({
      ownerId: task.owner,
      id,
      roomId: task.room,
      fromPosition: from,
      toPosition: to,
      content,
      begunAt,
      endedAt,
      passedOver: passedOver ?? null,
    })
  })
}

/** `MemoryTasks.readEpisodes`. */
export async function readEpisodes(
  context: StoreContext,
  task: MemoryTask,
  before: number,
): Promise<readonly Episode[]> {
  const rows = await run(context, (db) =>
    db
      .select()
      .from(episodes)
      .where(and(inRoom(task), lt(episodes.toPosition, before)))
      .orderBy(asc(episodes.fromPosition)),
  )
  return await openEpisodes(context, rows)
}

/** `FactReader.readEpisodes`. */
export async function readEpisodesWithin(
  context: StoreContext,
  audience: readonly Slice[],
  time: { readonly from: Date; readonly to: Date },
  inMonths: boolean,
  most: number,
): Promise<readonly KnownEpisode[]> {
  if (audience.length === 0) return []
  const { from, to } = time
  const months = inMonths ? await readMonthsWithin(context, audience, time, most) : []
  const told = months.map(
    ({ roomId, month }) => sql`(${episodes.roomId} = ${roomId} and ${monthOf} = ${month})`,
  )
  const stretches = audience.map((slice) =>
    and(
      eq(episodes.ownerId, slice.owner),
      eq(episodes.roomId, slice.room),
      gte(episodes.fromPosition, slice.from),
      lte(episodes.toPosition, slice.to),
    ),
  )
  const rows = await run(context, (db) =>
    db
      .select()
      .from(episodes)
      .where(
        and(
          or(...stretches),
          lte(episodes.begunAt, to),
          gte(episodes.endedAt, from),
          told.length === 0 ? undefined : sql`not (${sql.join(told, sql` or `)})`,
        ),
      )
      .orderBy(desc(episodes.begunAt))
      .limit(most - months.length),
  )
  const all = [...(await openMonths(context, months)), ...(await openEpisodes(context, rows))]
  return all.toSorted((a, b) => a.begunAt.getTime() - b.begunAt.getTime())
}

export const openEpisodes = (context: StoreContext, rows: readonly (typeof episodes.$inferSelect)[]) =>
  openGists(context, 'stretch', place, rows)
