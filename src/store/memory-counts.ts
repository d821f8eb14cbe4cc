import type { MemoryCounts } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { vectors } from './memory-schema.ts'

interface Row {
  readonly people: number
  readonly paused: number
  readonly messages: number
  readonly facts: number
  readonly superseded: number
  readonly episodes: number
  readonly months: number
  readonly summaries: number
  readonly new_messages: number
  readonly waiting_rooms: number
  readonly failing_rooms: number
  readonly waiting_since: Date | string | null
}

interface Reason {
  readonly reason: string
  readonly count: number
}

/** Reads whole tables: for an operator who asks, and for nothing that is done often. */
export async function readMemoryCounts(context: StoreContext): Promise<MemoryCounts> {
  const [row, byModel, byReason] = await Promise.all([
    run(context, async (db) => {
      const found = await db.execute(sql`
        select (select count(*)::int from participants) as people,
          (select count(*)::int from participants where not remembering) as paused,
          (select count(*)::int from messages where chosen and content is not null) as messages,
          (select count(*)::int from facts) as facts,
          (select count(*)::int from facts where superseded_by is not null) as superseded,
          (select count(*)::int from episodes) as episodes,
          (select count(*)::int from months) as months,
          (select count(*)::int from summaries) as summaries,
          (select count(*)::int from messages where remember) as new_messages,
          (select count(*)::int from rooms where remember_at <= now()) as waiting_rooms,
          (select count(*)::int from rooms where remember_failures + remember_stumbles > 0) as failing_rooms,
          (select min(remember_at) from rooms where remember_at <= now()) as waiting_since`)
      return (found as unknown as { readonly rows: readonly Row[] }).rows[0]
    }),
    run(context, (db) =>
      db
        .select({ model: vectors.model, count: sql<number>`count(*)::int` })
        .from(vectors)
        .groupBy(vectors.model),
    ),
    run(context, async (db) => {
      const found = await db.execute(sql`
        select reason, count(*)::int as count from (
          select passed_over as reason from messages where passed_over is not null and content is not null
          union all select passed_over from episodes where passed_over is not null
        ) passed group by reason order by reason`)
      return (found as unknown as { readonly rows: readonly Reason[] }).rows
    }),
  ])
  if (row === undefined) throw new TypeError('counting gave no row')
  return {
    people: row.people,
    paused: row.paused,
    messages: row.messages,
    facts: row.facts,
    superseded: row.superseded,
    episodes: row.episodes,
    months: row.months,
    summaries: row.summaries,
    vectors: new Map(byModel.map(({ model, count }) => [model, count])),
    newMessages: row.new_messages,
    waitingRooms: row.waiting_rooms,
    failingRooms: row.failing_rooms,
    passedOver: new Map(byReason.map(({ reason, count }) => [reason, count])),
    waitingSince: row.waiting_since === null ? undefined : new Date(row.waiting_since),
  }
}
