import type { Room } from '../core/conversation.ts'
import type { MembershipEvent } from '../core/events.ts'
import type { Doorway } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, ne, sql } from './drizzle.ts'
import { announceTurn, openTurn, turnChange, turnsOf } from './pending-turns.ts'
import { lockRoom, setDeparted } from './room-position.ts'
import { personaRooms, rooms, turns } from './schema.ts'
import { now } from './time.ts'

/** `Inbox.join`. */
export async function joinRoom(
  context: StoreContext,
  doorway: Doorway,
  event: MembershipEvent,
  mayGreet: boolean,
): Promise<boolean> {
  const participant = await context.directory.participant(doorway, event.sender)
  const room = await context.directory.room(doorway, event.room, participant.id)
  return await transact(context, async (transaction) => {
    // Of two joins at once, one greets.
    const lastPosition = await lockRoom(transaction, room)
    await setDeparted(transaction, room, false)
    const [turn] = await transaction
      .select({ id: turns.id })
      .from(turns)
      .where(turnsOf(context, doorway, room))
      .limit(1)
    if (!mayGreet || turn !== undefined || lastPosition !== 0) return false
    if (!(await answersThere(context, transaction, doorway, room))) return false
    await openTurn(context, transaction, doorway, room, { kind: 'greeting', position: 0, dueInMs: 0 })
    return true
  })
}

/** `Inbox.leave`: what is open there ends without a word, whoever works on it. */
export async function leaveRoom(
  context: StoreContext,
  doorway: Doorway,
  event: MembershipEvent,
): Promise<void> {
  const room = await context.directory.findRoom(doorway, event.room)
  if (room === undefined) return
  await transact(context, async (transaction) => {
    await lockRoom(transaction, room)
    await setDeparted(transaction, room, true)
    const ended = await transaction
      .update(turns)
      .set({
        state: 'closed',
        outcome: 'withdrawn',
        closedAt: now,
        worker: null,
        leaseUntil: null,
        revision: sql`${turns.revision} + 1`,
      })
      .where(and(eq(turns.ownerId, room.owner), eq(turns.roomId, room.id), ne(turns.state, 'closed')))
      .returning(turnChange)
    for (const turn of ended) await announceTurn(context, transaction, turn, 0)
  })
}

/** Turns the persona's quiet in the room on or off; returns how it is now. */
export async function toggleQuiet(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
): Promise<boolean> {
  const persona = context.directory.blindPersona(doorway.persona)
  const [row] = await transaction
    .insert(personaRooms)
    .values({ ownerId: room.owner, roomId: room.id, persona, quiet: true })
    .onConflictDoUpdate({
      target: [personaRooms.ownerId, personaRooms.roomId, personaRooms.persona],
      set: { quiet: sql`not ${personaRooms.quiet}` },
    })
    .returning({ quiet: personaRooms.quiet })
  return row?.quiet === true
}

/** The persona is in the room, and was not told to be quiet there. */
export async function answersThere(
  { directory }: StoreContext,
  transaction: Drizzle,
  { persona }: Doorway,
  room: Room,
): Promise<boolean> {
  const [row] = await transaction
    .select({ departed: rooms.departed, quiet: personaRooms.quiet })
    .from(rooms)
    .leftJoin(
      personaRooms,
      and(
        eq(personaRooms.ownerId, rooms.ownerId),
        eq(personaRooms.roomId, rooms.id),
        eq(personaRooms.persona, directory.blindPersona(persona)),
      ),
    )
    .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id)))
  return row?.departed === false && row.quiet !== true
}
