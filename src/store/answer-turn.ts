import type { Turn } from '../core/conversation.ts'
import { newUuid } from '../core/ids.ts'
import type { Reply } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import type { HistoryRow } from './history-rows.ts'

/**
 * `TurnQueue.answer`, in one statement, because the person waits for each further round trip.
 *
 * Each part draws on the one before it. That also fixes the order in which rows are locked: the
 * room's before the turn's, as everywhere, or two transactions would wait for each other.
 */
export async function answerTurn(context: StoreContext, turn: Turn, reply: Reply): Promise<boolean> {
  const { directory, vault, signal } = context
  const { owner, id: room } = turn.room
  const keyOwner = directory.keyOwner(turn.room)
  const persona = directory.blindPersona(turn.persona)
  using sealer = await vault.prepare([keyOwner], signal)
  const id = newUuid()
  const content = sealer.seal(keyOwner, { table: 'messages', column: 'content', row: id }, reply.text)
  const statement = sql`
      with place as (
        update rooms set
          last_position = last_position + 1,
          -- Another swipe is chosen in the place of one that may have been read.
          amended = amended + case when ${turn.swipe}::integer > 0 then 1 else 0 end
        where owner_id = ${owner} and id = ${room}
        returning last_position
      ), answered as (
        update turns set
          state = 'answered',
          shown_at = coalesce(shown_at, clock_timestamp()),
          prompt_tokens = ${reply.promptTokens},
          reply_tokens = ${reply.replyTokens}
        from place
        where owner_id = ${owner} and id = ${turn.id} and attempt = ${turn.attempt} and worker = ${turn.worker} and state = 'running'
          and revision = ${turn.revision} and (shown_at is not null or not stop_requested)
        returning until, last_position
      ), unchosen as (
        update messages set chosen = false
        from answered
        where owner_id = ${owner} and turn_id = ${turn.id} and chosen and ${turn.swipe}::integer > 0
        returning id
      ), cut as (
        insert into persona_rooms (owner_id, room_id, persona, history_from)
        select ${owner}::uuid, ${room}::uuid, ${persona}::bytea, ${reply.historyFrom}::bigint
        from answered
        where ${reply.historyFrom}::bigint > 0
        on conflict (owner_id, room_id, persona)
        do update set history_from = excluded.history_from
        where persona_rooms.history_from < excluded.history_from
      ), slot as (
        insert into deliveries (owner_id, turn_id, swipe, revision, slot)
        select ${owner}::uuid, ${turn.id}::uuid, ${turn.swipe}::integer, ${turn.revision}::integer, 0
        from answered
        on conflict do nothing
      )
      insert into messages (
        owner_id, id, room_id, position, anchor, author, persona, turn_id, swipe, content, said_at
      )
      select ${owner}::uuid, ${id}::uuid, ${room}::uuid, last_position, until, 'persona', ${persona}::bytea,
        ${turn.id}::uuid, ${turn.swipe}::integer, ${content}::bytea, clock_timestamp()
      from answered
      -- Only one swipe may be chosen at any time: the earlier ones first.
      where (select count(*) from unchosen) >= 0
      returning position::float8 as position, anchor::float8 as anchor, said_at`
  const [answered] = await context.database.statement('answer', statement, { relaxed: false })
  if (answered !== undefined && turn.swipe === 0) {
    const { position, anchor, said_at } = answered as Pick<HistoryRow, 'position' | 'anchor' | 'said_at'>
    context.known.wrote(turn.room, turn.persona, {
      id,
      position,
      anchor,
      participant_id: null,
      persona,
      turn_id: turn.id,
      said_at,
      text: reply.text,
    })
  }
  return answered !== undefined
}
