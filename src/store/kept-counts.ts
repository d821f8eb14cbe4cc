import type { Placeholder } from 'drizzle-orm'
import type { ParticipantId } from '../core/ids.ts'
import type { KeptCounts } from '../core/people.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { sql } from './drizzle.ts'
import { statement, value } from './statement.ts'

const countsOf = (person: Placeholder | string) => sql`
    with said as materialized (
      select owner_id, id, room_id from messages
      where participant_id = ${person} and content is not null
    ), shown as materialized (
      select kind from attachments a join said on said.owner_id = a.owner_id and said.id = a.message_id
    )
    select extract(epoch from created_at)::float8 as since,
      (select count(*)::int from rooms where owner_id = p.id) as direct_rooms,
      (select count(distinct room_id)::int from said where owner_id <> p.id) as groups,
      (select count(*)::int from said) as messages,
      (select count(*)::int from messages
        where owner_id = p.id and author = 'persona' and content is not null) as replies,
      (select count(*)::int from shown where kind = 'image') as images,
      (select count(*)::int from shown where kind = 'voice') as voices,
      (select count(*)::int from facts where owner_id = p.id) as facts,
      (select count(*)::int from episodes where owner_id = p.id)
        + (select count(*)::int from months where owner_id = p.id) as episodes,
      (select count(*)::int from summaries where owner_id = p.id) as summaries
    from participants p where id = ${person}`

const counting = statement('kept counts', countsOf(value('person')))

type Row = Omit<KeptCounts, 'since' | 'directRooms'> & {
  /** Seconds since the epoch. */
  readonly since: number
  readonly direct_rooms: number
}

/** `KeptPeople.count`. */
export async function countKept(
  { database }: StoreContext,
  person: ParticipantId,
): Promise<KeptCounts | undefined> {
  const rows = await database.statement(counting, { person }, { relaxed: true })
  return asCounts(rows as unknown as readonly Row[])
}

/** The same within a transaction. */
export async function countKeptIn(
  transaction: Drizzle,
  person: ParticipantId,
): Promise<KeptCounts | undefined> {
  const { rows } = (await transaction.execute(countsOf(person))) as unknown as {
    readonly rows: readonly Row[]
  }
  return asCounts(rows)
}

function asCounts([row]: readonly Row[]): KeptCounts | undefined {
  if (row === undefined) return undefined
  const { since, direct_rooms: directRooms, ...counts } = row
  return { since: new Date(since * 1000), directRooms, ...counts }
}
