import type { SQL } from 'drizzle-orm'
import type { Attachment } from '../core/attachment.ts'
import type { Room, Turn } from '../core/conversation.ts'
import type { MessageEvent } from '../core/events.ts'
import { newUuid, turnId } from '../core/ids.ts'
import type { Acceptance, Claimant, Doorway } from '../core/store.ts'
import { notifyOthers } from './announcements.ts'
import { attachmentPlace } from './attachments.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, isNotNull, sql } from './drizzle.ts'
import { goneError, isConflict } from './errors.ts'
import { contentPlace, externalIdPlace, messageLookup } from './message-rows.ts'
import { openRecallPlace, type RecallPlaceRow, recallPlace } from './recall-place.ts'
import { redactMessage, takenBackKey } from './redact-message.ts'
import { updateMembers } from './room-members.ts'
import { messages } from './schema.ts'
import { type Statement, statement, statements, value } from './statement.ts'
import { afterMs, now } from './time.ts'

/** Each try meets at most one turn that another process opens in the same moment. */
const triesMost = 5

/** Written with their message, or not at all: of one that was here before there is no new row to refer to. */
function attaching(count: number): SQL {
  const given = Array.from(
    { length: count },
    (_, number) =>
      sql`(${sql.raw(String(number))}, ${value(`kind${number}`)}::text, ${value(`attachment${number}`)}::bytea)`,
  )
  return sql`, attached as (
      insert into attachments (owner_id, message_id, number, kind, content)
      select ${value('owner')}::uuid, ${value('id')}::uuid, number, kind, content
      from message, (values ${sql.join(given, sql`, `)}) as given (number, kind, content)
    )`
}

/** In a group each account hears the same. */
const hereAlready = sql`exists (
          select 1 from messages where owner_id = ${value('owner')} and lookup = ${value('lookup')}::bytea)`

const accepting = statements((count) =>
  statement(
    count === 0 ? 'accept' : `accept ${count}`,
    sql`
    with place as (
      update rooms set last_position = last_position + 1, remember_at = least(remember_at, ${now})
      where owner_id = ${value('owner')} and id = ${value('room')}
        and not ${hereAlready}
      returning last_position, amended
    ), message as (
      insert into messages (
        owner_id, id, room_id, position, anchor, author, participant_id, lookup, external_id, content, said_at,
        addressed, remember, passing
      )
      select ${value('owner')}::uuid, ${value('id')}::uuid, ${value('room')}::uuid, last_position, last_position, 'participant',
        ${value('participant')}::uuid, ${value('lookup')}::bytea, ${value('externalId')}::bytea, ${value('content')}::bytea,
        coalesce(${value('saidAt')}::timestamptz, ${now}),
        ${value('addressed')}::boolean and not exists (
          select 1 from persona_rooms
          where owner_id = ${value('owner')} and room_id = ${value('room')} and persona = ${value('persona')}
            and (quiet or departed)),
        remembering, not remembering
      from place join participants on participants.id = ${value('participant')}
      on conflict (owner_id, lookup) do nothing
      returning position, addressed
    )${count === 0 ? sql`` : attaching(count)}, extended as (
      update turns set
        until = position,
        -- A greeting that was not shown yet gives way to the person who speaks first.
        since = case when kind = 'greeting' then position else since end,
        kind = 'reply',
        -- A stop that no worker has seen yet was meant for what came before it.
        stop_requested = false,
        -- Whoever writes while the model is away hears of it again.
        failures = 0,
        revision = revision + 1,
        -- Somebody who never pauses is answered all the same, after five settle times.
        due_at = least(${afterMs(value('settleMs'))}, greatest(created_at + 5 * ${value('settleMs')} * interval '1 millisecond', ${now}))
      from message
      where addressed and owner_id = ${value('owner')} and room_id = ${value('room')} and persona = ${value('persona')}
        and (state = 'pending' or (state = 'running' and not stop_requested)) and shown_at is null
        -- Another swipe of an earlier reply is not the answer to what is said now, nor is what was to be said anyway.
        and swipe = 0 and kind <> 'unprompted'
      returning id, revision
    ), opened as (
      insert into turns (
        owner_id, id, room_id, account, persona, kind, state, since, until, due_at, attempt, worker, lease_until
      )
      select ${value('owner')}::uuid, ${value('turn')}::uuid, ${value('room')}::uuid,
        ${value('account')}::bytea, ${value('persona')}::bytea,
        'reply', case when free then 'running' else 'pending' end, position, position,
        ${afterMs(value('settleMs'))}, free::integer, case when free then ${value('worker')}::uuid end,
        case when free then ${afterMs(value('leaseMs'))} end
      from message, lateral (
        select ${value('worker')}::uuid is not null and not exists (
          select 1 from turns
          where owner_id = ${value('owner')} and room_id = ${value('room')}
            -- In a group one persona speaks after the other.
            and (state = 'running' or persona = ${value('persona')} and state <> 'closed')) as free
      ) claim
      where addressed and not exists (select 1 from extended)
      returning id, revision, state = 'running' as claimed
    ), changed as (
      select id, revision, false as claimed from extended union all select id, revision, claimed from opened
    )
    select standing.there, id, revision, claimed, position::float8 as position,
      (select amended from place)::float8 as amended,
      coalesce((
        select history_from::float8 from persona_rooms
        where owner_id = ${value('owner')} and room_id = ${value('room')} and persona = ${value('persona')}), 0
      ) as history_from,
      coalesce((
        select manners from persona_rooms
        where owner_id = ${value('owner')} and room_id = ${value('room')} and persona = ${value('persona')}), '{}'
      ) as manners,
      case when claimed then ${recallPlace(sql`${value('owner')}`, sql`${value('room')}`, sql`${value('persona')}`)} end as recall,
      case when not claimed then ${notifyOthers(sql`id`, sql`revision`)} end
    from (
      select (exists (select 1 from place) or ${hereAlready})
        and exists (select 1 from participants where id = ${value('participant')}::uuid) as there
    ) standing left join message on true left join changed on true`,
  ),
)

/**
 * `Inbox.accept`: stores the message and extends or opens its turn, where it is to be answered, in one
 * statement.
 *
 * A first message makes its participant, key and room in small steps of their own before it: each step
 * can be done again, and none of them shows anything.
 */
export async function acceptMessage(
  context: StoreContext,
  doorway: Doorway,
  event: MessageEvent,
  settleMs: number,
  claimant: Claimant | undefined,
): Promise<Acceptance> {
  const { directory, vault, announcer, signal } = context
  const participant = await directory.participant(doorway, event.sender)
  const room = await directory.room(doorway, event.room, participant.id)
  const lookup = messageLookup(context, room, event.externalId)
  if (context.takenBack.get(takenBackKey(context, doorway, event, event.externalId)))
    await redactMessage(context, doorway, { ...event, kind: 'redaction', target: event.externalId })
  if (room.kind === 'group' && event.present !== undefined)
    await updateMembers(context, room, doorway.platform, event.present, event.readsBefore === true)
  const keyOwner = { kind: 'participant', id: participant.id } as const
  using sealer = await vault.prepare([keyOwner], signal)
  const id = newUuid()
  const { attachments = [] } = event
  const values = {
    ...announcer.named,
    owner: room.owner,
    room: room.id,
    persona: directory.blindPersona(doorway.persona),
    account: directory.blindAccount(doorway.account),
    participant: participant.id,
    turn: newUuid(),
    id,
    lookup,
    externalId: sealer.seal(keyOwner, externalIdPlace(id), event.externalId),
    content: sealer.seal(keyOwner, contentPlace(id), event.text),
    saidAt: Number.isNaN(event.at.getTime()) ? null : event.at.toISOString(),
    addressed: event.unanswered !== true,
    settleMs,
    worker: settleMs === 0 ? (claimant?.worker ?? null) : null,
    leaseMs: claimant?.leaseMs ?? 0,
    ...sealed(attachments, (number, { bytes }) => sealer.seal(keyOwner, attachmentPlace(id, number), bytes)),
  }
  const [row] = await tryAgain(context, accepting(attachments.length), values)
  // Its room, or who said it, was found before they were erased.
  if (row === undefined || !row.there) throw goneError()
  const { position } = row
  if (position === null) {
    const before = await findPosition(context, room, lookup)
    return { status: 'duplicate', room, position: before, claimed: undefined }
  }
  context.statistics.grew(1)
  if (values.saidAt !== null) {
    context.known.wrote(room, doorway.persona, {
      id,
      position,
      anchor: position,
      participant_id: participant.id,
      persona: null,
      turn_id: null,
      said_at: event.at,
      text: event.text,
    })
  }
  if (row.id === null) return { status: 'accepted', room, position, claimed: undefined }
  const turn = turnId(row.id)
  const { revision } = row
  if (row.recall !== null && claimant !== undefined) {
    const { amended, history_from: from, recall, manners } = row
    const claimed: Turn = {
      id: turn,
      room,
      persona: doorway.persona,
      kind: 'reply',
      state: 'running',
      since: position,
      shown: false,
      revision,
      swipe: 0,
      attempt: 1,
      worker: claimant.worker,
      failures: 0,
      stopRequested: false,
      history: { amended, position, from, until: position },
      recall: await openRecallPlace(context, room.id, values.persona, recall),
      manners,
    }
    return { status: 'accepted', room, position, claimed }
  }
  announcer.tell({ turn, revision, stopRequested: false, dueInMs: settleMs })
  return { status: 'accepted', room, position, claimed: undefined }
}

/** Of what was here before. */
async function findPosition(
  context: StoreContext,
  room: Room,
  lookup: Uint8Array,
): Promise<number | undefined> {
  const here = and(eq(messages.ownerId, room.owner), eq(messages.lookup, lookup))
  const [row] = await run(context, (db) =>
    db
      .select({ position: messages.position })
      .from(messages)
      .where(and(here, isNotNull(messages.content))),
  )
  return row?.position
}

function sealed(
  attachments: readonly Attachment[],
  seal: (number: number, attachment: Attachment) => Uint8Array,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attachments.flatMap((attachment, number) => [
      [`kind${number}`, attachment.kind],
      [`attachment${number}`, seal(number, attachment)],
    ]),
  )
}

type Row = {
  readonly there: boolean
  /** Null where nothing was stored. */
  readonly position: number | null
  readonly amended: number
  readonly history_from: number
  readonly manners: Turn['manners']
} & (
  | { readonly id: null }
  | { readonly id: string; readonly revision: number; readonly recall: RecallPlaceRow | null }
)

/**
 * The statement sees the turns as they were before it waited for the room. When another process opened
 * one meanwhile, the index stops ours, and the next try sees it.
 */
async function tryAgain(
  { database }: StoreContext,
  accept: Statement,
  values: Readonly<Record<string, unknown>>,
): Promise<readonly Row[]> {
  for (let tries = 1; ; tries++) {
    try {
      const rows = await database.statement(accept, values, { relaxed: false })
      return rows as unknown as readonly Row[]
    } catch (error) {
      if (!isConflict(error) || tries === triesMost) throw error
    }
  }
}
