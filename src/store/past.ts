import type { Turn } from '../core/conversation.ts'
import type { Made, RoomPast } from '../core/made.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { goneError } from './errors.ts'
import { madePlace } from './message-rows.ts'
import { statement, value } from './statement.ts'

/** What stands in the room up to what the turn answers, the persona's own last reply, and how it began. */
const reading = statement(
  'past',
  sql`
    with said as (
      select id, anchor, position, persona, turn_id, swipe from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')} and chosen and content is not null
        and anchor <= ${value('until')} and turn_id is distinct from ${value('turn')}::uuid
    ), own as (
      select * from said where persona = ${value('persona')}
    )
    select (select count(*) from said)::float8 as messages, (select count(*) from own)::float8 as replies,
      (select own.swipe from own join turns t on t.owner_id = ${value('owner')} and t.id = own.turn_id
        where t.kind = 'greeting' order by own.anchor limit 1) as greeting,
      last.id, last.made
    from (select 1) one left join messages last on last.owner_id = ${value('owner')}
      and last.id = (select id from own order by anchor desc, position desc limit 1)`,
)

interface Row {
  readonly messages: number
  readonly replies: number
  readonly greeting: number | null
  readonly id: string | null
  readonly made: Uint8Array | null
}

/** `HistoryReader.readPast`. */
export async function readPast(context: StoreContext, turn: Turn): Promise<RoomPast> {
  const { database, directory } = context
  const values = {
    owner: turn.room.owner,
    room: turn.room.id,
    persona: directory.blindPersona(turn.persona),
    turn: turn.id,
    until: turn.history.until,
  }
  const [row] = (await database.statement(reading, values, { relaxed: true })) as unknown as readonly Row[]
  if (row === undefined) throw goneError()
  const made = row.id === null ? undefined : await openMade(context, row.id, row.made)
  return {
    messages: row.messages,
    replies: row.replies,
    greeting: row.greeting ?? undefined,
    lore: made?.lore ?? {},
  }
}

/** Undefined for a reply that was made by no model, or before this was kept. */
export async function openMade(
  { vault, signal }: StoreContext,
  id: string,
  sealed: Uint8Array | null,
): Promise<Made | undefined> {
  if (sealed === null) return undefined
  return JSON.parse(await vault.openText({ place: madePlace(id), sealed }, signal)) as Made
}
