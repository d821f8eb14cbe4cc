import type { MembershipEvent, RoomReference } from '../core/events.ts'
import type { Doorway, RetryOutcome, StopOutcome } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import { and, desc, eq, sql } from './drizzle.ts'
import { announceTurn, openTurn, turnChange, turnsOf } from './pending-turns.ts'
import { lockRoom } from './room-position.ts'
import { messages, turns } from './schema.ts'
import { now } from './time.ts'

export async function greetRoom(
  context: StoreContext,
  doorway: Doorway,
  event: MembershipEvent,
): Promise<boolean> {
  if (event.change !== 'joined') return false
  const participant = await context.directory.participant(doorway, event.sender)
  const room = await context.directory.room(doorway, event.room, participant.id)
  return await transact(context, async (transaction) => {
    // Of two joins at once, one greets.
    const lastPosition = await lockRoom(transaction, room)
    const [turn] = await transaction
      .select({ id: turns.id })
      .from(turns)
      .where(turnsOf(context, doorway, room))
      .limit(1)
    if (turn !== undefined || lastPosition !== 0) return false
    await openTurn(context, transaction, doorway, room, { kind: 'greeting', position: 0, dueInMs: 0 })
    return true
  })
}

export async function retryTurn(
  context: StoreContext,
  doorway: Doorway,
  reference: RoomReference,
): Promise<RetryOutcome> {
  const room = await context.directory.findRoom(doorway, reference)
  if (room === undefined) return 'nothing-to-retry'
  return await transact(context, async (transaction) => {
    // A message in the same moment would open a second pending turn, and one of the two would be refused.
    await lockRoom(transaction, room)
    const [last] = await transaction
      .select()
      .from(turns)
      .where(turnsOf(context, doorway, room))
      .orderBy(desc(turns.until), desc(turns.createdAt))
      .limit(1)
      .for('update')
    if (last === undefined || last.outcome === 'withdrawn') return 'nothing-to-retry'
    if (last.state !== 'closed') return last.state === 'answered' ? 'ending' : 'busy'
    const [latest] = await transaction
      .select({ swipe: sql<number | null>`max(${messages.swipe})` })
      .from(messages)
      .where(and(eq(messages.ownerId, room.owner), eq(messages.turnId, last.id)))
    const [reopened] = await transaction
      .update(turns)
      .set({
        state: 'pending',
        outcome: null,
        closedAt: null,
        shownAt: null,
        stopRequested: false,
        failures: 0,
        swipe: typeof latest?.swipe === 'number' ? latest.swipe + 1 : 0,
        revision: last.revision + 1,
        dueAt: now,
      })
      .where(and(eq(turns.ownerId, room.owner), eq(turns.id, last.id)))
      .returning(turnChange)
    if (reopened !== undefined) await announceTurn(context, transaction, reopened, 0)
    return 'retrying'
  })
}

/** A turn that nobody works on yet is due at once, so that a worker finds the request and closes it. */
export async function stopTurn(
  context: StoreContext,
  doorway: Doorway,
  reference: RoomReference,
): Promise<StopOutcome> {
  const room = await context.directory.findRoom(doorway, reference)
  if (room === undefined) return 'nothing-to-stop'
  return await transact(context, async (transaction) => {
    const stop = (state: 'running' | 'pending') =>
      transaction
        .update(turns)
        .set({ stopRequested: true, dueAt: now })
        .where(and(turnsOf(context, doorway, room), eq(turns.state, state)))
        .returning(turnChange)
    // What waits behind the reply that is stopped is another question, and still wants its answer.
    const running = await stop('running')
    const stopped = running.length > 0 ? running : await stop('pending')
    for (const turn of stopped) await announceTurn(context, transaction, turn, 0)
    return stopped.length > 0 ? 'stopping' : 'nothing-to-stop'
  })
}
