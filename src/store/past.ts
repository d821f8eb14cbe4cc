import type { Turn } from '../core/conversation.ts'
import type { Made, PastCounts, RoomPast } from '../core/made.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { goneError } from './errors.ts'
import { madePlace } from './message-rows.ts'
import { statement, value } from './statement.ts'

/** What stood in the room when the turn was claimed, up to what it answers. */
const said = sql`
  owner_id = ${value('owner')} and room_id = ${value('room')} and chosen and content is not null
  and anchor <= ${value('until')} and position <= ${value('position')}
  and turn_id is distinct from ${value('turn')}::uuid`

/**
 * The persona's last reply, and what has come since that was not there yet, or not answered, when it was made. An
 * anchor is never above its position, so the walk along the index of positions begins where that reply's anchor is.
 */
const sinceLast = statement(
  'past since',
  sql`
    select last.id, last.made, since.messages, since.replies
    from (
      select id, anchor, position, made from messages
      where ${said} and persona = ${value('persona')}
      order by anchor desc, position desc limit 1
    ) last, lateral (
      select count(*)::float8 as messages, (count(*) filter (where persona = ${value('persona')}))::float8 as replies
      from messages
      where ${said} and position > last.anchor and (anchor > last.anchor or position >= last.position)
    ) since`,
)

/** All that was said, and how it began. */
const whole = statement(
  'past whole',
  sql`
    with said as (select anchor, persona, turn_id, swipe from messages where ${said}),
      own as (select * from said where persona = ${value('persona')})
    select (select count(*) from said)::float8 as messages, (select count(*) from own)::float8 as replies,
      (select own.swipe from own join turns t on t.owner_id = ${value('owner')} and t.id = own.turn_id
        where t.kind = 'greeting' order by own.anchor limit 1) as greeting`,
)

type SinceRow = PastCounts & { readonly id: string; readonly made: Uint8Array | null }
type WholeRow = PastCounts & { readonly greeting: number | null }

/**
 * `HistoryReader.readPast`. What was counted for the persona's last reply stands with it, so each message is counted
 * once; the whole room only where that reply was made before its lore asked.
 */
export async function readPast(context: StoreContext, turn: Turn): Promise<RoomPast> {
  const { database, directory } = context
  const values = {
    owner: turn.room.owner,
    room: turn.room.id,
    persona: directory.blindPersona(turn.persona),
    turn: turn.id,
    until: turn.history.until,
    position: turn.history.position,
  }
  const [since] = (await database.statement(sinceLast, values, {
    relaxed: true,
  })) as unknown as readonly SinceRow[]
  const made = since && (await openMade(context, since.id, since.made))
  const lore = made?.lore ?? {}
  if (since !== undefined && made?.past !== undefined) {
    const { past } = made
    const messages = past.messages + since.messages
    return { counts: { ...past, messages, replies: past.replies + since.replies }, lore }
  }
  const [all] = (await database.statement(whole, values, { relaxed: true })) as unknown as readonly WholeRow[]
  if (all === undefined) throw goneError()
  const { messages, replies, greeting } = all
  return { counts: { messages, replies, ...(greeting !== null && { greeting }) }, lore }
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
