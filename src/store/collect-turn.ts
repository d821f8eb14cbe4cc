import type { Room } from '../core/conversation.ts'
import { newUuid } from '../core/ids.ts'
import type { Cue } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, sql } from './drizzle.ts'
import { announceTurn, turnChange } from './pending-turns.ts'
import { messages, turns } from './schema.ts'
import { afterMs } from './time.ts'

/** A persona, and the account through which it is to speak. */
export interface Invited {
  readonly persona: Uint8Array
  readonly account: Uint8Array
}

/** How things stand in a group, as far as it matters to whether somebody may speak. */
interface Standing {
  /** The persona's turns that answer this already, and those of it that are not whole yet. */
  readonly covering: number
  readonly open: number
  /** Turns of all personas that answer it, and what they have said, or are about to say, since a person spoke. */
  readonly answering: number
  readonly since_person: number
  /** Somebody was asked for an answer, whatever has become of it. */
  readonly asked: boolean
}

/**
 * Opens a turn of the persona for what is anchored at `position`, or extends the one that collects: see
 * `Circle.invite`. The room is locked.
 */
export async function collect(
  context: StoreContext,
  transaction: Drizzle,
  room: Room,
  invited: Invited,
  { position, cue }: { readonly position: number; readonly cue: Cue },
  dueInMs: number,
  most: number,
): Promise<boolean> {
  if (!(await mayCollect(transaction, room, invited.persona, { position, cue }, most))) return false
  const turn =
    (await extend(transaction, room, invited, position, dueInMs)) ??
    (await open(transaction, room, invited, position, dueInMs))
  await transaction
    .update(messages)
    .set({ addressed: true })
    .where(
      and(
        eq(messages.ownerId, room.owner),
        eq(messages.roomId, room.id),
        eq(messages.position, position),
        eq(messages.author, 'participant'),
      ),
    )
  await announceTurn(context, transaction, turn, dueInMs)
  return true
}

/** Whether there is anything to open or extend, as things stand. */
export async function mayCollect(
  transaction: Drizzle,
  room: Room,
  persona: Uint8Array,
  { position, cue }: { readonly position: number; readonly cue: Cue },
  most: number,
): Promise<boolean> {
  const standing = await readStanding(transaction, room, persona, position)
  if (standing.answering >= most) return false
  if (cue !== 'persona' && standing.covering > 0) return false
  // Each account tells of the same words, and one may know of others who are there.
  if (cue === 'unasked' && standing.asked) return false
  return cue === 'addressed' || (standing.open === 0 && standing.since_person < most)
}

/** A turn that came to nothing is nothing that anybody has said. */
const speaks = sql`(outcome is null or outcome in ('replied', 'stopped'))`

async function readStanding(
  transaction: Drizzle,
  room: Room,
  persona: Uint8Array,
  position: number,
): Promise<Standing> {
  const { rows } = (await transaction.execute(sql`
    with here as materialized (
      -- Each by its own index: neither looks at the turns of years.
      select id, persona, state, since, until, outcome from turns
      where owner_id = ${room.owner} and room_id = ${room.id} and until >= ${position}
      union
      select id, persona, state, since, until, outcome from turns
      where owner_id = ${room.owner} and room_id = ${room.id} and state <> 'closed' and state <> 'answered'
    ), person as materialized (
      select coalesce((
        select position from messages
        where owner_id = ${room.owner} and room_id = ${room.id} and author = 'participant' and content is not null
        order by position desc limit 1), 0) as last
    )
    select
      count(*) filter (where persona = ${persona} and since <= ${position} and until >= ${position})::integer as covering,
      count(*) filter (where persona = ${persona} and state in ('pending', 'running'))::integer as open,
      count(*) filter (where until = ${position} and ${speaks})::integer as answering,
      (count(*) filter (where state in ('pending', 'running')) + (
        select count(*) from messages m, person
        where m.owner_id = ${room.owner} and m.room_id = ${room.id} and m.position > person.last
          and m.author = 'persona' and m.chosen and m.content is not null))::integer as since_person,
      coalesce((
        select addressed from messages
        where owner_id = ${room.owner} and room_id = ${room.id} and position = ${position}), false) as asked
    from here`)) as unknown as { readonly rows: readonly Standing[] }
  const [standing] = rows
  if (standing === undefined) throw new TypeError('nothing was counted')
  return standing
}

/** As a further message extends a turn of which nothing is shown. */
async function extend(
  transaction: Drizzle,
  room: Room,
  { persona }: Invited,
  position: number,
  dueInMs: number,
) {
  const [extended] = await transaction
    .update(turns)
    .set({
      since: sql`case when ${turns.kind} = 'greeting' then ${position} else least(${turns.since}, ${position}) end`,
      until: sql`greatest(${turns.until}, ${position})`,
      kind: 'reply',
      stopRequested: false,
      failures: 0,
      revision: sql`${turns.revision} + 1`,
      dueAt: afterMs(dueInMs),
    })
    .where(
      and(
        eq(turns.ownerId, room.owner),
        eq(turns.roomId, room.id),
        eq(turns.persona, persona),
        sql`(state = 'pending' or (state = 'running' and not stop_requested)) and shown_at is null and swipe = 0`,
      ),
    )
    .returning(turnChange)
  return extended
}

async function open(
  transaction: Drizzle,
  room: Room,
  { persona, account }: Invited,
  position: number,
  dueInMs: number,
) {
  const id = newUuid()
  await transaction.insert(turns).values({
    ownerId: room.owner,
    id,
    roomId: room.id,
    account,
    persona,
    kind: 'reply',
    state: 'pending',
    since: position,
    until: position,
    dueAt: afterMs(dueInMs),
  })
  return { id, revision: 0, stopRequested: false }
}
