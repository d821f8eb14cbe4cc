import { messageId, participantId, roomId } from '../core/ids.ts'
import type { MemoryPage, MemoryPlace, MemoryReader, Slice, Vector } from '../core/recall.ts'
import { readAudience } from './audience.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { contentPlace } from './message-rows.ts'
import { statement, value } from './statement.ts'
import { decodeVector, vectorPlace } from './vector-bytes.ts'

/** At once: with their vectors some megabytes, which are opened in 50 ms. */
const pageMost = 5_000

/**
 * What is new is found along the index of positions, and what has changed along those of versions, so that a
 * room of years costs nothing in which nothing has happened. `gone`: it stays as a row, without its words.
 */
const reading = statement(
  'memories',
  sql`
    with place as materialized (
      select recall_version, recall_floor from rooms
      where owner_id = ${value('owner')} and id = ${value('room')}
    ), added as materialized (
      select id from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')}
        and position > ${value('position')} and position <= ${value('to')}
      order by position limit ${value('most')}
    ), changed as materialized (
      select id from added
      union
      select id from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')} and recall_version > ${value('version')}
        and recall_version > 0 and position between ${value('from')} and ${value('position')}
      union
      select message_id from vectors
      where owner_id = ${value('owner')} and room_id = ${value('room')} and version > ${value('version')}
    )
    select recall_version::float8 as recall_version, recall_floor::float8 as recall_floor,
      (select count(*) from added)::integer as added, said.*
    from place left join lateral (
      select m.id, m.position::float8 as position, m.anchor::float8 as anchor, m.participant_id, m.persona,
        case when m.chosen and not m.passing then m.content end as content, extract(epoch from m.said_at)::float8 as said_at,
        v.model, v.dimensions, v.content as vector
      from changed
      join messages m on m.owner_id = ${value('owner')} and m.id = changed.id
      left join vectors v on v.owner_id = ${value('owner')} and v.message_id = changed.id
      where m.position between ${value('from')} and ${value('to')}
    ) said on true
    order by anchor, position`,
)

const placing = statement(
  'memory places',
  sql`
    select id, last_position::float8 as position, recall_version::float8 as version from rooms
    where owner_id = any(${value('owners')}::uuid[]) and id = any(${value('rooms')}::uuid[])`,
)

interface PlaceRow {
  readonly recall_version: number
  readonly recall_floor: number
  readonly added: number
}

interface MemoryRow {
  readonly id: string
  readonly position: number
  readonly anchor: number
  readonly participant_id: string | null
  readonly persona: Uint8Array | null
  readonly content: Uint8Array | null
  /** Seconds since the epoch. */
  readonly said_at: number
  readonly model: string | null
  readonly dimensions: number | null
  readonly vector: Uint8Array | null
}

type SaidRow = MemoryRow & { readonly content: Uint8Array }

export function createMemoryReader(context: StoreContext): MemoryReader {
  const { database } = context
  return {
    readAudience: (room, persona) => readAudience(context, room, persona),

    async readPlaces(slices) {
      const owners = [...new Set(slices.map(({ owner }) => owner))]
      const rooms = [...new Set(slices.map(({ room }) => room))]
      const rows = await database.statement(placing, { owners, rooms }, { relaxed: true })
      const found = rows as unknown as readonly (MemoryPlace & { readonly id: string })[]
      return new Map(found.map(({ id, position, version }) => [roomId(id), { position, version }]))
    },

    async readMemories(slice, since) {
      const values = {
        owner: slice.owner,
        room: slice.room,
        from: slice.from,
        to: slice.to,
        position: since?.position ?? slice.from - 1,
        // At first whatever has changed before comes with its message.
        version: since?.version ?? Number.MAX_SAFE_INTEGER,
        most: pageMost,
      }
      const found = (await database.statement(reading, values, { relaxed: true })) as unknown as readonly (
        | (PlaceRow & MemoryRow)
        | (PlaceRow & { readonly id: null })
      )[]
      const [place] = found
      if (place === undefined || (since !== undefined && since.version < place.recall_floor)) return undefined
      const rows = found.filter((row) => row.id !== null)
      return await openPage(context, slice, since, place, rows)
    },
  }
}

async function openPage(
  context: StoreContext,
  slice: Slice,
  since: MemoryPlace | undefined,
  { recall_version: version, added }: PlaceRow,
  rows: readonly MemoryRow[],
): Promise<MemoryPage> {
  const said = rows.filter((row): row is SaidRow => row.content !== null)
  const texts = await context.vault.openTexts(
    said.map(({ id, content }) => ({ place: contentPlace(id), sealed: content })),
    context.signal,
  )
  const speakers = await readSpeakers(context, said)
  const vectors = await openVectors(context, said)
  const memories = said.flatMap((row, index) => {
    const text = texts[index]
    // The author was erased: their words are gone for everybody.
    if (text === undefined) return []
    const { position, anchor } = row
    const memory = {
      id: messageId(row.id),
      room: slice.room,
      anchor,
      position,
      speaker: speakers(row),
      text,
      saidAtMs: row.said_at * 1000,
    }
    return [{ memory, vector: vectors.get(row.id) }]
  })
  const kept = new Set<string>(memories.map(({ memory }) => memory.id))
  return {
    memories,
    gone: rows.filter(({ id }) => !kept.has(id)).map(({ id }) => messageId(id)),
    place: {
      position: rows.reduce(
        (last, { position }) => Math.max(last, position),
        since?.position ?? slice.from - 1,
      ),
      version,
    },
    more: added === pageMost,
  }
}

async function readSpeakers(
  { directory }: StoreContext,
  rows: readonly MemoryRow[],
): Promise<(row: MemoryRow) => string> {
  const people = new Set<string>()
  for (const { participant_id: id } of rows) if (id !== null) people.add(id)
  const names = await directory.displayNames([...people].map(participantId))
  return ({ participant_id: id, persona }) => {
    if (id !== null) return names.get(participantId(id)) ?? 'somebody'
    return (persona === null ? undefined : directory.personaBehind(persona)) ?? 'somebody'
  }
}

async function openVectors(
  { vault, signal }: StoreContext,
  rows: readonly MemoryRow[],
): Promise<ReadonlyMap<string, Vector>> {
  const sealed = rows.flatMap(({ id, model, dimensions, vector }) =>
    vector === null || model === null || dimensions === null ? [] : [{ id, model, dimensions, vector }],
  )
  const opened = await vault.openBytes(
    sealed.map(({ id, vector }) => ({ place: vectorPlace(id), sealed: vector })),
    signal,
  )
  const vectors = new Map<string, Vector>()
  for (const [index, { id, model, dimensions }] of sealed.entries()) {
    const bytes = opened[index]
    const vector = bytes === undefined ? undefined : decodeVector(model, dimensions, bytes)
    if (vector !== undefined) vectors.set(id, vector)
  }
  return vectors
}
