import type { Turn } from '../core/conversation.ts'
import { newUuid } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { Reply } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import type { HistoryRow } from './history-rows.ts'
import { madePlace, recalledPlace } from './message-rows.ts'
import { statement, value } from './statement.ts'
import { claimValues, held } from './turn-rows.ts'

/**
 * In one statement, because the person waits for each further round trip. Each part draws on the one before
 * it. That also fixes the order in which rows are locked: the room's before the turn's, as everywhere, or two
 * transactions would wait for each other. What the reply was made with is locked too: whoever changes it in this
 * moment comes before the reply, which is then not kept, or after it, and finds it.
 */
const answering = statement(
  'answer',
  sql`
    with place as (
      update rooms set
        last_position = last_position + 1,
        -- Another swipe is chosen in the place of one that may have been read.
        amended = amended + case when ${value('swipe')}::integer > 0 then 1 else 0 end
      where owner_id = ${value('owner')} and id = ${value('room')}
      returning last_position
    ), given as materialized (
      select * from unnest(${value('sourceOwners')}::uuid[], ${value('sources')}::uuid[], ${value('versions')}::bigint[])
        as given (owner_id, id, version)
      where (select count(*) from place) > 0
    ), said as materialized (
      select m.id from messages m join given g on g.owner_id = m.owner_id and g.id = m.id
      where m.content is not null and m.recall_version = g.version for share of m
    ), known as materialized (
      select f.id from facts f join given g on g.owner_id = f.owner_id and g.id = f.id for share of f
    ), told as materialized (
      select e.id from episodes e join given g on g.owner_id = e.owner_id and g.id = e.id for share of e
    ), happened as materialized (
      select e.id from months e join given g on g.owner_id = e.owner_id and g.id = e.id for share of e
    ), answered as (
      update turns set
        state = 'answered',
        shown_at = coalesce(shown_at, clock_timestamp()),
        prompt_tokens = ${value('promptTokens')},
        reply_tokens = ${value('replyTokens')}
      from place
      where ${held} and state = 'running'
        and revision = ${value('revision')} and (shown_at is not null or not stop_requested)
        and (select count(*) from given) =
          (select count(*) from said) + (select count(*) from known)
          + (select count(*) from told) + (select count(*) from happened)
      returning since, until, last_position
    ), unchosen as (
      update messages set chosen = false
      from answered
      where owner_id = ${value('owner')} and turn_id = ${value('turn')} and chosen and ${value('swipe')}::integer > 0
      returning id
    ), cut as (
      insert into persona_rooms (owner_id, room_id, persona, history_from)
      select ${value('owner')}::uuid, ${value('room')}::uuid, ${value('persona')}::bytea, ${value('historyFrom')}::bigint
      from answered
      where ${value('historyFrom')}::bigint > 0
      on conflict (owner_id, room_id, persona)
      do update set history_from = excluded.history_from
      where persona_rooms.history_from < excluded.history_from
    ), slot as (
      insert into deliveries (owner_id, turn_id, swipe, revision, slot)
      select ${value('owner')}::uuid, ${value('turn')}::uuid, ${value('swipe')}::integer, ${value('revision')}::integer, 0
      from answered
      on conflict do nothing
    ), recollected as (
      insert into recollections (owner_id, reply_id, source_owner_id, source_id)
      select ${value('owner')}::uuid, ${value('id')}::uuid, given.owner_id, given.id from answered, given
    )
    insert into messages (
      owner_id, id, room_id, position, anchor, author, persona, turn_id, swipe, content, said_at,
      recalled, persona_version, made, passing
    )
    select ${value('owner')}::uuid, ${value('id')}::uuid, ${value('room')}::uuid, last_position, until, 'persona', ${value('persona')}::bytea,
      ${value('turn')}::uuid, ${value('swipe')}::integer, ${value('content')}::bytea, clock_timestamp(),
      ${value('recalled')}::bytea, ${value('personaVersion')}::bytea, ${value('made')}::bytea,
      -- It may repeat what it answers. Where only a persona has spoken, that one's words count.
      exists (select 1 from participants where id = ${value('owner')} and not remembering) or coalesce((
        select coalesce(bool_and(passing) filter (where author = 'participant'), bool_and(passing)) from messages
        where owner_id = ${value('owner')} and room_id = ${value('room')} and position between since and until
          and chosen and content is not null), false)
    from answered
    -- Only one swipe may be chosen at any time: the earlier ones first.
    where (select count(*) from unchosen) >= 0
    returning position::float8 as position, anchor::float8 as anchor, said_at`,
)

const remindsOfNothing = ({ facts, messages }: MemoryRefs) => facts.length + messages.length === 0

/** `TurnQueue.answer`. */
export async function answerTurn(context: StoreContext, turn: Turn, reply: Reply): Promise<boolean> {
  const { directory, vault, signal } = context
  const keyOwner = directory.keyOwner(turn.room)
  const persona = directory.blindPersona(turn.persona)
  using sealer = await vault.prepare([keyOwner], signal)
  const id = newUuid()
  const content = sealer.seal(keyOwner, { table: 'messages', column: 'content', row: id }, reply.text)
  const values = {
    ...claimValues(turn),
    swipe: turn.swipe,
    room: turn.room.id,
    persona,
    id,
    content,
    promptTokens: reply.promptTokens,
    replyTokens: reply.replyTokens,
    historyFrom: reply.historyFrom,
    recalled: remindsOfNothing(reply.recalled)
      ? null
      : sealer.seal(keyOwner, recalledPlace(id), JSON.stringify(reply.recalled)),
    sourceOwners: reply.recollections.map(({ owner }) => owner),
    sources: reply.recollections.map(({ id }) => id),
    versions: reply.recollections.map(({ version }) => version),
    made: reply.made === undefined ? null : sealer.seal(keyOwner, madePlace(id), JSON.stringify(reply.made)),
    personaVersion: vault.lookup({ kind: 'persona-version', version: reply.personaVersion }),
  }
  const [answered] = await context.database.statement(answering, values, { relaxed: false })
  if (answered !== undefined) context.statistics.grew(1)
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
