import type { HistoryPlace, Turn } from '../core/conversation.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { goneError } from './errors.ts'
import { statement, value } from './statement.ts'

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
 * The values that the search begins with are found first, and then one walk along the index of the room's
 * messages: as a plain join, Postgres read the whole table. Positions and counts stay far below 2^53; the
 * driver would give a bigint as text.
 */
const reading = statement(
  'history',
  sql`
    with place as materialized (
      select amended, last_position, coalesce((
        select history_from from persona_rooms
        where owner_id = ${value('owner')} and room_id = ${value('room')} and persona = ${value('persona')}), 0
      ) as history_from,
      (select until from turns where owner_id = ${value('owner')} and id = ${value('turn')})
      from rooms where owner_id = ${value('owner')} and id = ${value('room')}
    )
    select place.amended::float8 as amended, place.last_position::float8 as last_position,
      place.history_from::float8 as history_from, place.until::float8 as until, said.*
    from place left join lateral (
      select id, position::float8 as position, anchor::float8 as anchor, participant_id, persona, turn_id,
        content, said_at
      from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')} and chosen and content is not null
        and messages.anchor >= place.history_from
        and (messages.position > ${value('position')} or place.amended <> ${value('amended')})
      order by messages.anchor desc, messages.position desc
      limit ${value('most')}
    ) said on true`,
)

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
  const values = {
    owner: turn.room.owner,
    room: turn.room.id,
    persona: directory.blindPersona(turn.persona),
    turn: turn.id,
    position: since?.position ?? 0,
    amended: since?.amended ?? -1,
    most,
  }
  const found = (await database.statement(reading, values, { relaxed: true })) as unknown as readonly (
    | (HistoryRow & Place)
    | (Place & { readonly id: null })
  )[]
  const [place] = found
  if (place === undefined) throw goneError()
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
