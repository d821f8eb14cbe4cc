import type { HistoryPlace, Turn } from '../core/conversation.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'

export interface HistoryRow {
  readonly id: string
  readonly position: number
  readonly anchor: number
  readonly participant_id: string | null
  readonly persona: Uint8Array | null
  readonly turn_id: string | null
  readonly content: Uint8Array
  readonly said_at: Date
}

export interface HistoryRows extends HistoryPlace {
  /** In the order of the conversation. */
  readonly rows: readonly HistoryRow[]
}

/**
 * The newest `most` messages since the persona's last cut; of those only the ones after `since.position`
 * as long as the room has not been amended since. One statement, so that all of it is of one moment.
 */
export async function readHistoryRows(
  { database, directory }: StoreContext,
  turn: Turn,
  most: number,
  since: { readonly position: number; readonly amended: number } | undefined,
): Promise<HistoryRows> {
  const { owner, id: room } = turn.room
  // The values that the search begins with are found first, and then one walk along the index of the room's
  // messages: as a plain join, Postgres read the whole table. Positions and counts stay far below 2^53; the
  // driver would give a bigint as text.
  const statement = sql`
    with place as materialized (
      select amended, last_position, coalesce((
        select history_from from persona_rooms
        where owner_id = ${owner} and room_id = ${room} and persona = ${directory.blindPersona(turn.persona)}), 0
      ) as history_from,
      (select until from turns where owner_id = ${owner} and id = ${turn.id})
      from rooms where owner_id = ${owner} and id = ${room}
    )
    select place.amended::float8 as amended, place.last_position::float8 as last_position,
      place.history_from::float8 as history_from, place.until::float8 as until, said.*
    from place left join lateral (
      select id, position::float8 as position, anchor::float8 as anchor, participant_id, persona, turn_id,
        content, said_at
      from messages
      where owner_id = ${owner} and room_id = ${room} and chosen and content is not null
        and messages.anchor >= place.history_from
        and (messages.position > ${since?.position ?? 0} or place.amended <> ${since?.amended ?? -1})
      order by messages.anchor desc, messages.position desc
      limit ${most}
    ) said on true`
  const found = (await database.statement('history', statement, { relaxed: true })) as unknown as readonly (
    | (HistoryRow & Place)
    | (Place & { readonly id: null })
  )[]
  const [place] = found
  if (place === undefined) throw new TypeError(`no room ${room}`)
  return {
    rows: found.filter((row) => row.id !== null).reverse(),
    amended: place.amended,
    position: place.last_position,
    until: place.until,
    from: place.history_from,
  }
}

interface Place {
  readonly amended: number
  readonly last_position: number
  readonly until: number
  readonly history_from: number
}
