import type { Placeholder, SQL } from 'drizzle-orm'
import { ownerId, roomId } from '../core/ids.ts'
import type { HistoryCut, MemoryTasks } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { keepEpisode, readEpisodes, readUncovered } from './episodes.ts'
import { isTask } from './keep.ts'
import { keepFacts } from './keep-facts.ts'
import { keepMonth, readMonthsDue } from './months.ts'
import { readNew } from './new-talk.ts'
import { rooms } from './schema.ts'
import { statement, value } from './statement.ts'
import { keepSummary, readSummary } from './summaries.ts'
import { afterMs, now } from './time.ts'

/** Where people write without a pause, something is made of it all the same after so many times the rest. */
const restsMost = 6

/** What a worker knows its task by: a `Date` has no parts of a millisecond. */
const lease = (ms: number | Placeholder): SQL<Date> => sql`date_trunc('milliseconds', ${afterMs(ms)})`

const claiming = statement(
  'claim memory task',
  sql`
    update rooms set remember_lease = ${lease(value('leaseMs'))}
    where (owner_id, id) in (with due as materialized (
      select r.owner_id, r.id from rooms r
      where r.remember_at <= ${now} - ${value('restMs')} * interval '1 millisecond'
        and (r.remember_lease is null or r.remember_lease <= ${now})
        and (r.remember_at <= ${now} - ${value('longMs')} * interval '1 millisecond'
          or not exists (
            select 1 from messages m
            where m.owner_id = r.owner_id and m.room_id = r.id and m.remember
              and m.received_at > ${now} - ${value('restMs')} * interval '1 millisecond'))
      order by r.remember_at limit 1 for update skip locked
    ) select owner_id, id from due)
    returning owner_id, id, kind, amended::float8 as amended, remember_lease, remember_failures,
      remember_stumbles,
      (select json_agg(json_build_object('persona', encode(p.persona, 'hex'), 'from', p.history_from))
        from persona_rooms p
        where p.owner_id = rooms.owner_id and p.room_id = rooms.id and p.history_from > 1) as cuts`,
)

const wentWell = { rememberLease: null, rememberFailures: 0, rememberStumbles: 0 } as const

interface Row {
  readonly owner_id: string
  readonly id: string
  readonly kind: 'direct' | 'group'
  readonly amended: number
  readonly remember_lease: Date
  readonly remember_failures: number
  readonly remember_stumbles: number
  readonly cuts: readonly HistoryCut[] | null
}

export function createMemoryTasks(context: StoreContext): MemoryTasks {
  const { database } = context
  return {
    async claim(restMs, leaseMs) {
      const [row] = (await database.statement(
        claiming,
        { restMs, longMs: restMs * restsMost, leaseMs },
        { relaxed: true },
      )) as unknown as readonly Row[]
      return (
        row && {
          owner: ownerId(row.owner_id),
          room: roomId(row.id),
          kind: row.kind,
          amended: row.amended,
          leaseUntil: row.remember_lease,
          failures: row.remember_failures,
          stumbles: row.remember_stumbles,
          cuts: row.cuts ?? [],
        }
      )
    },
    async close(task, wakeInMs) {
      const waits = sql`exists (select 1 from messages m
        where m.owner_id = ${rooms.ownerId} and m.room_id = ${rooms.id} and m.remember)`
      await run(context, (db) =>
        db
          .update(rooms)
          .set({
            rememberAt: sql`case when ${waits} or ${rooms.amended} <> ${task.amended} then ${now}
              else ${wakeInMs === undefined ? sql`null` : afterMs(wakeInMs)} end`,
            ...wentWell,
          })
          .where(isTask(task)),
      )
    },
    async yield(task, restMs) {
      await run(context, (db) =>
        db
          .update(rooms)
          .set({
            rememberAt: sql`${now} - ${restMs} * interval '1 millisecond'`,
            ...wentWell,
          })
          .where(isTask(task)),
      )
    },
    async putBack(task, delayMs) {
      await run(context, (db) =>
        db
          .update(rooms)
          .set({
            rememberLease: lease(delayMs),
            // What is done anew at once has not failed: something has changed meanwhile, or the process stops.
            rememberFailures: sql`${rooms.rememberFailures} + ${delayMs > 0 ? 1 : 0}`,
          })
          .where(isTask(task)),
      )
    },
    async stumble(task, delayMs) {
      await run(context, (db) =>
        db
          .update(rooms)
          .set({
            rememberLease: lease(delayMs),
            rememberFailures: 0,
            rememberStumbles: sql`${rooms.rememberStumbles} + 1`,
          })
          .where(isTask(task)),
      )
    },
    readNew: (task, most) => readNew(context, task, most),
    keepFacts: (task, made, changes, passedOver) => keepFacts(context, task, made, changes, passedOver),
    readUncovered: (task, most) => readUncovered(context, task, most),
    keepEpisode: (task, episode, passedOver) => keepEpisode(context, task, episode, passedOver),
    readEpisodes: (task, before) => readEpisodes(context, task, before),
    readMonthsDue: (task, least) => readMonthsDue(context, task, least),
    keepMonth: (task, month) => keepMonth(context, task, month),
    readSummary: (task, { persona }) =>
      readSummary(context, { owner: task.owner, id: task.room }, Buffer.from(persona, 'hex')),
    keepSummary: (task, { persona }, summary) =>
      keepSummary(context, task, Buffer.from(persona, 'hex'), summary),
  }
}
