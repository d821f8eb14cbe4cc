import { roomId } from '../core/ids.ts'
import type { MemoryPlace, MemoryReader } from '../core/recall.ts'
import { readAudience, readsBefore } from './audience.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { type MemoryColumns, openMemories } from './open-memories.ts'
import { statement, value } from './statement.ts'

/** At once: half a megabyte with their vectors, which is opened in 5 ms; nothing else happens meanwhile. */
const pageMost = 500

const columns = sql`id, position, anchor, participant_id, persona, said_at, recall_version as changes,
  case when chosen and not passing then content end as content`

/**
 * What is new is found along the index of positions, and what has changed along those of versions, so that a
 * room of years costs nothing in which nothing has happened.
 *
 * It comes as one row with a list for each column, and all sealed bytes one after the other: a row for each message
 * took the driver four times as long.
 */
const reading = statement(
  'memories',
  sql`
    with place as materialized (
      select last_position, recall_version, recall_floor from rooms
      where owner_id = ${value('owner')} and id = ${value('room')}
    ), added as materialized (
      select ${columns} from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')}
        and position > ${value('position')} and position <= ${value('to')}
      order by position limit ${value('most')}
    ), changed as materialized (
      select id from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')} and recall_version > ${value('version')}
        and recall_version > 0 and position between ${value('from')} and ${value('position')}
      union
      select message_id from vectors
      where owner_id = ${value('owner')} and room_id = ${value('room')} and version > ${value('version')}
    ), said as (
      select * from added
      union all
      select ${columns} from messages
      where owner_id = ${value('owner')} and id in (select id from changed)
        and position between ${value('from')} and ${value('position')}
    )
    select last_position::float8 as last, recall_version::float8 as version, recall_floor::float8 as floor,
      (select count(*) from added)::integer as added, listed.*
    from place, lateral (
      select json_agg(id) as ids, json_agg(position) as positions, json_agg(anchor) as anchors,
        json_agg(participant_id) as people, json_agg(encode(persona, 'base64')) as personas,
        json_agg(extract(epoch from said_at)) as seconds, json_agg(changes) as changes,
        json_agg(length(content)) as lengths, string_agg(content, '') as contents,
        json_agg(model) as models, json_agg(dimensions) as dimensions,
        json_agg(length(vector)) as vector_lengths, string_agg(vector, '') as vectors
      from (
        select said.*, v.model, v.dimensions, v.content as vector
        from said left join vectors v
          on v.owner_id = ${value('owner')} and v.message_id = said.id and said.content is not null
        order by anchor, position
      ) each
    ) listed`,
)

const placing = statement(
  'memory places',
  sql`
    select id, last_position::float8 as position, recall_version::float8 as version from rooms
    where owner_id = any(${value('owners')}::uuid[]) and id = any(${value('rooms')}::uuid[])`,
)

type Row = RoomRow & (MemoryColumns | { readonly ids: null })

interface RoomRow {
  readonly last: number
  readonly version: number
  readonly floor: number
  readonly added: number
}

const nothing = { memories: [], gone: [] }

export function createMemoryReader(context: StoreContext): MemoryReader {
  const { database } = context
  return {
    readAudience: (room, persona) => readAudience(context, room, persona),
    readsBefore: (room) => readsBefore(context, room),

    async readPlaces(slices) {
      const owners = [...new Set(slices.map(({ owner }) => owner))]
      const rooms = [...new Set(slices.map(({ room }) => room))]
      const rows = await database.statement(placing, { owners, rooms }, { relaxed: true })
      const found = rows as unknown as readonly (MemoryPlace & { readonly id: string })[]
      return new Map(found.map(({ id, position, version }) => [roomId(id), { position, version }]))
    },

    async readMemories(slice, since) {
      const before = since?.position ?? slice.from - 1
      const values = {
        owner: slice.owner,
        room: slice.room,
        from: slice.from,
        to: slice.to,
        position: before,
        // At first whatever has changed before comes with its message.
        version: since?.version ?? Number.MAX_SAFE_INTEGER,
        most: pageMost,
      }
      const found = await database.statement(reading, values, { relaxed: true })
      const [row] = found as unknown as readonly Row[]
      if (row === undefined || (since !== undefined && since.version < row.floor)) return undefined
      const { last, version, added } = row
      if (row.ids === null)
        return { place: { position: before, version }, left: 0, open: async () => nothing }
      const position = row.positions.reduce((most, each) => Math.max(most, each), before)
      return {
        place: { position, version },
        left: added < pageMost ? 0 : Math.max(1, Math.min(last, slice.to) - position),
        open: () => openMemories(context, slice.room, row),
      }
    },
  }
}
