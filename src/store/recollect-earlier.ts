import type { MemoryRefs } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { isUnreadable } from './errors.ts'
import { recalledPlace } from './message-rows.ts'

const pageMost = 500

interface Earlier {
  readonly owner_id: string
  readonly id: string
  readonly recalled: Uint8Array
}

/**
 * Writes down by which memories those replies go that are older than `recollections`. Once that is done it asks
 * nobody for more than an index. Of episodes they do not know.
 */
export async function recollectEarlier(context: StoreContext): Promise<void> {
  let last: Earlier | undefined
  do {
    const page = await readPage(context, last)
    const refs = await Promise.all(page.map((row) => openRefs(context, row)))
    await write(
      context,
      page.flatMap((row, index) => sourcesOf(row, refs[index])),
    )
    last = page.length < pageMost ? undefined : page.at(-1)
  } while (last !== undefined)
}

/** All rows of a group belong to the group, and those of somebody's own room to them. */
async function readPage(context: StoreContext, after: Earlier | undefined): Promise<readonly Earlier[]> {
  const further = after === undefined ? sql`` : sql`and (m.owner_id, m.id) > (${after.owner_id}, ${after.id})`
  const { rows } = (await run(context, (db) =>
    db.execute(sql`
      select m.owner_id, m.id, m.recalled from messages m
      where m.recalled is not null and m.made is null and m.content is not null ${further}
        and not exists (select 1 from recollections r where r.owner_id = m.owner_id and r.reply_id = m.id)
      order by m.owner_id, m.id limit ${pageMost}`),
  )) as unknown as { readonly rows: readonly Earlier[] }
  return rows
}

/** A reply that nobody can read tells nothing either. */
async function openRefs({ vault, signal }: StoreContext, row: Earlier): Promise<MemoryRefs> {
  try {
    const item = { place: recalledPlace(row.id), sealed: row.recalled }
    return JSON.parse(await vault.openText(item, signal)) as MemoryRefs
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return { facts: [], messages: [] }
  }
}

/** As `[owner of the reply, reply, owner of the memory, memory]`; of facts it was not written down whose they are. */
type Source = readonly [string, string, string | null, string]

const sourcesOf = ({ owner_id: owner, id }: Earlier, refs: MemoryRefs | undefined): readonly Source[] => [
  ...(refs?.facts ?? []).map((fact) => [owner, id, null, fact] as const),
  ...(refs?.messages ?? []).map((said) => [owner, id, said.owner, said.id] as const),
]

/** Nothing of what is gone, or goes meanwhile. */
async function write(context: StoreContext, sources: readonly Source[]): Promise<void> {
  if (sources.length === 0) return
  const column = (at: 0 | 1 | 2 | 3) => sql`${sql.param(sources.map((source) => source[at]))}::uuid[]`
  await run(context, (db) =>
    db.execute(sql`
      with given as materialized (
        select * from unnest(${column(0)}, ${column(1)}, ${column(2)}, ${column(3)})
          as given (owner_id, reply_id, source_owner_id, source_id)
      ), standing as materialized (
        select m.owner_id, m.id from messages m
        where (m.owner_id, m.id) in (select owner_id, reply_id from given)
        for key share
      ), found as (
        select given.* from given
        where exists (select 1 from messages m where m.owner_id = given.source_owner_id and m.id = given.source_id)
        union
        select given.owner_id, given.reply_id, f.owner_id, f.id from given
        join facts f on f.id = given.source_id and f.owner_id in (
          select m.participant_id from messages m where m.owner_id = given.owner_id)
        where given.source_owner_id is null
      )
      insert into recollections (owner_id, reply_id, source_owner_id, source_id)
      select found.* from found join standing on standing.owner_id = found.owner_id and standing.id = found.reply_id
      on conflict do nothing`),
  )
}
