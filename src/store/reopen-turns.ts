import type { Room, RoomKey } from '../core/conversation.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, gte, isNotNull, isNull, lte, sql } from './drizzle.ts'
import { knocks } from './knock-schema.ts'
import { announceTurn, type TurnRow, turnChange } from './pending-turns.ts'
import { amend } from './room-position.ts'
import { deliveries, messages, turns } from './schema.ts'
import { now } from './time.ts'

/*
 * What happens to a turn after its end, or against its course. The caller has locked the room and the turn:
 * its worker may close it in the same moment.
 */

const isTurn = (turn: TurnRow) => and(eq(turns.ownerId, turn.ownerId), eq(turns.id, turn.id))

const departed = (turn: TurnRow) =>
  sql`exists (select 1 from persona_rooms where owner_id = ${turn.ownerId} and room_id = ${turn.roomId}
    and persona = ${turn.persona} and departed)`

const repliesOf = (turn: TurnRow) =>
  and(
    eq(messages.ownerId, turn.ownerId),
    eq(messages.turnId, turn.id),
    eq(messages.author, 'persona'),
    isNotNull(messages.content),
  )

/** A reply of it stands in the history. */
export async function hasReply(transaction: Drizzle, turn: TurnRow): Promise<boolean> {
  const found = await transaction
    .select({ id: messages.id })
    .from(messages)
    .where(and(repliesOf(turn), eq(messages.chosen, true)))
  return found.length > 0
}

/** There is something that it answers. A greeting answers nobody, and what is said unprompted needs what it is about. */
export async function hasQuestion(transaction: Drizzle, turn: TurnRow): Promise<boolean> {
  if (turn.kind === 'greeting') return true
  if (turn.kind === 'unprompted') return await hasKnock(transaction, turn)
  const found = await transaction
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        eq(messages.ownerId, turn.ownerId),
        eq(messages.roomId, turn.roomId),
        eq(messages.author, 'participant'),
        eq(messages.addressed, true),
        isNotNull(messages.content),
        gte(messages.anchor, turn.since),
        lte(messages.anchor, turn.until),
      ),
    )
    .limit(1)
  return found.length > 0
}

async function hasKnock(transaction: Drizzle, turn: TurnRow): Promise<boolean> {
  const found = await transaction
    .select({ id: knocks.id })
    .from(knocks)
    .where(and(eq(knocks.ownerId, turn.ownerId), eq(knocks.turnId, turn.id)))
  return found.length > 0
}

/**
 * Its reply is made anew, as another swipe: `first` where there was none yet. Whoever delivers the one that is there
 * loses it.
 */
export async function makeAnew(
  context: StoreContext,
  transaction: Drizzle,
  turn: TurnRow,
  first = 0,
): Promise<void> {
  const [latest] = await transaction
    .select({ swipe: sql<number | null>`max(${messages.swipe})` })
    .from(messages)
    .where(and(eq(messages.ownerId, turn.ownerId), eq(messages.turnId, turn.id)))
  const [reopened] = await transaction
    .update(turns)
    .set({
      state: 'pending',
      outcome: null,
      closedAt: null,
      shownAt: null,
      stopRequested: false,
      failures: 0,
      worker: null,
      leaseUntil: null,
      swipe: typeof latest?.swipe === 'number' ? latest.swipe + 1 : first,
      revision: sql`${turns.revision} + 1`,
      dueAt: now,
    })
    .where(isTurn(turn))
    .returning(turnChange)
  if (reopened !== undefined) await announceTurn(context, transaction, reopened, 0)
}

/** The swipes that can be chosen, in their order. */
export async function swipesOf(
  transaction: Drizzle,
  turn: TurnRow,
): Promise<readonly { readonly swipe: number | null; readonly chosen: boolean }[]> {
  return await transaction
    .select({ swipe: messages.swipe, chosen: messages.chosen })
    .from(messages)
    .where(repliesOf(turn))
    .orderBy(messages.swipe)
}

/** Chooses another swipe, and has it shown where the one before stands. */
export async function chooseSwipe(
  context: StoreContext,
  transaction: Drizzle,
  room: Room,
  turn: TurnRow,
  swipe: number,
): Promise<void> {
  await amend(transaction, room)
  await transaction.update(messages).set({ chosen: false }).where(repliesOf(turn))
  await transaction
    .update(messages)
    .set({ chosen: true })
    .where(and(repliesOf(turn), eq(messages.swipe, swipe)))
  await showAnew(context, transaction, turn, swipe)
}

/**
 * All swipes of the turn's reply go, and what is shown of it is taken down. Also before its end: then
 * nothing is made any more. `false` when there is nothing of it.
 */
export async function withdrawReply(
  context: StoreContext,
  transaction: Drizzle,
  room: RoomKey,
  turn: TurnRow,
): Promise<boolean> {
  const gone = await transaction
    .update(messages)
    .set({ content: null, redactedAt: now })
    .where(repliesOf(turn))
    .returning({ id: messages.id })
  if (gone.length > 0) await amend(transaction, room)
  const shown = await transaction
    .select({ slot: deliveries.slot })
    .from(deliveries)
    .where(
      and(eq(deliveries.ownerId, turn.ownerId), eq(deliveries.turnId, turn.id), isNull(deliveries.removedAt)),
    )
  if (turn.state === 'closed' && gone.length === 0 && shown.length === 0) return false
  await showAnew(context, transaction, turn, turn.swipe)
  return true
}

/**
 * Answered again, under a new revision: a worker makes what is shown what it should be. One that has the
 * turn already ends what it is at, so that the two do not cross each other, and gives it back. In a room
 * that was left nothing can be changed.
 */
async function showAnew(
  context: StoreContext,
  transaction: Drizzle,
  turn: TurnRow,
  swipe: number,
): Promise<void> {
  const held = turn.state === 'running' || turn.state === 'answered'
  const [reopened] = await transaction
    .update(turns)
    .set({
      state: 'answered',
      outcome: null,
      closedAt: null,
      shownAt: sql`coalesce(${turns.shownAt}, ${now})`,
      stopRequested: false,
      failures: 0,
      swipe,
      revision: sql`${turns.revision} + 1`,
      dueAt: now,
      ...(held ? {} : { worker: null, leaseUntil: now }),
    })
    .where(and(isTurn(turn), sql`not ${departed(turn)}`))
    .returning(turnChange)
  if (reopened !== undefined) await announceTurn(context, transaction, reopened, 0)
}
