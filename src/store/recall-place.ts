import type { SQL } from 'drizzle-orm'
import type { RecallPlace } from '../core/conversation.ts'
import { ownerId, type RoomId, roomId } from '../core/ids.ts'
import { everything, type Heard } from '../core/recall.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { openSelves } from './self-descriptions.ts'
import { openSummary } from './summaries.ts'

/**
 * The person's other direct rooms with this persona, and its groups as far as they were in them, by any name; as
 * rows of `Elsewhere`.
 */
export const elsewhere = (owner: SQL, room: SQL, persona: SQL): SQL => sql`
  select o.owner_id as owner, o.id as room, null::bigint as first, null::bigint as last,
    o.last_position as position, o.recall_version as version
  from rooms o join persona_rooms p on p.owner_id = o.owner_id and p.room_id = o.id and p.persona = ${persona}
  where o.owner_id = ${owner} and o.kind = 'direct' and o.id <> ${room}
  union all
  select m.owner_id, m.room_id, m.from_position, m.to_position, o.last_position, o.recall_version
  from identities i
  join room_members m on m.member = i.lookup
  join persona_rooms p on p.owner_id = m.owner_id and p.room_id = m.room_id and p.persona = ${persona}
  join rooms o on o.owner_id = m.owner_id and o.id = m.room_id
  where i.participant_id = ${owner}`

export interface Elsewhere {
  readonly owner: string
  readonly room: string
  /** Null: as far as there is anything. */
  readonly first: number | null
  readonly last: number | null
  readonly position: number
  readonly version: number
}

export const heardElsewhere = ({ owner, room, first, last, position, version }: Elsewhere): Heard => ({
  owner: ownerId(owner),
  room: roomId(room),
  from: first ?? everything.from,
  to: last ?? everything.to,
  read: { position, version },
})

/** `RecallPlace` as JSON, for the statements that claim a turn: each statement of its own is one more to wait for. */
export const recallPlace = (owner: SQL, room: SQL, persona: SQL): SQL => sql`(
  select json_build_object(
    'version', r.recall_version,
    'facts', case when r.kind = 'direct' then (select facts_version from participants where id = r.owner_id) end,
    'summary', (
      select encode(s.content, 'base64') from summaries s
      where s.owner_id = r.owner_id and s.room_id = r.id and s.persona = ${persona}),
    'selves', (
      select json_agg(json_build_object('owner', d.owner_id, 'content', encode(d.content, 'base64')))
      from self_descriptions d where d.room_id = r.id),
    'elsewhere', case when r.kind = 'direct' then (
      select coalesce(json_agg(each), '[]') from (${elsewhere(sql`r.owner_id`, sql`r.id`, persona)}) each) end)
  from rooms r where r.owner_id = ${owner} and r.id = ${room})`

export interface RecallPlaceRow {
  readonly version: number
  readonly facts: number | null
  /** Sealed, in base64. */
  readonly summary: string | null
  /** Sealed, in base64; null where there are none. */
  readonly selves: readonly { readonly owner: string; readonly content: string }[] | null
  readonly elsewhere: readonly Elsewhere[] | null
}

export async function openRecallPlace(
  context: StoreContext,
  room: RoomId,
  persona: Uint8Array,
  { version, facts, summary, selves, elsewhere: others }: RecallPlaceRow,
): Promise<RecallPlace> {
  let trouble: unknown
  /** The turn is its worker's already: what fails here would have it wait until its lease has ended. */
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (context.signal.aborted) throw error
      trouble ??= error
      return undefined
    }
  }
  const [opened, described] = await Promise.all([
    attempt(async () =>
      summary === null
        ? undefined
        : await openSummary(context, room, persona, Buffer.from(summary, 'base64')),
    ),
    attempt(() =>
      openSelves(
        context,
        room,
        (selves ?? []).map(({ owner, content }) => ({
          owner_id: owner,
          content: Buffer.from(content, 'base64'),
        })),
      ),
    ),
  ])
  return {
    version,
    factsVersion: facts ?? undefined,
    elsewhere: others?.map(heardElsewhere),
    summary: opened?.text,
    selves: described ?? new Map(),
    trouble,
  }
}
