import type { Room } from '../core/conversation.ts'
import type { MembershipEvent } from '../core/events.ts'
import type { PersonaId } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, ne, sql } from './drizzle.ts'
import { silenceIn } from './knock-queue.ts'
import { announceTurn, openTurn, turnChange, turnsOf } from './pending-turns.ts'
import { lockRoom } from './room-position.ts'
import { personaRooms, turns } from './schema.ts'
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
    await setDeparted(context, transaction, doorway, room, false)
    const [turn] = await transaction
      .select({ id: turns.id })
      .from(turns)
      .where(turnsOf(context, doorway, room))
      .limit(1)
    if (!mayGreet || turn !== undefined || lastPosition !== 0) return false
    if (!(await answersThere(context, transaction, room, doorway.persona))) return false
    await openTurn(context, transaction, doorway, room, { kind: 'greeting', since: 0, until: 0, dueInMs: 0 })
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
    await setDeparted(context, transaction, doorway, room, true)
    await silenceIn(transaction, room, context.directory.blindPersona(doorway.persona))
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
      .where(and(turnsOf(context, doorway, room), ne(turns.state, 'closed')))
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
  room: Room,
  persona: PersonaId | Uint8Array,
): Promise<boolean> {
  const blind = typeof persona === 'string' ? directory.blindPersona(persona) : persona
  const [row] = await transaction
    .select({ departed: personaRooms.departed, quiet: personaRooms.quiet })
    .from(personaRooms)
    .where(
      and(
        eq(personaRooms.ownerId, room.owner),
        eq(personaRooms.roomId, room.id),
        eq(personaRooms.persona, blind),
      ),
    )
  return row?.departed !== true && row?.quiet !== true
}

/** Nobody answers in a room that the account has left. */
async function setDeparted(
  { directory }: StoreContext,
  transaction: Drizzle,
  { persona }: Doorway,
  room: Room,
  departed: boolean,
): Promise<void> {
  const blind = directory.blindPersona(persona)
  const { ownerId, roomId, persona: column } = personaRooms
  const here = and(eq(ownerId, room.owner), eq(roomId, room.id), eq(column, blind))
  if (!departed) await transaction.update(personaRooms).set({ departed }).where(here)
  else
    await transaction
      .insert(personaRooms)
      .values({ ownerId: room.owner, roomId: room.id, persona: blind, departed })
      .onConflictDoUpdate({ target: [ownerId, roomId, column], set: { departed } })
}
