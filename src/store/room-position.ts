import type { SQL } from 'drizzle-orm'
import type { RoomKey } from '../core/conversation.ts'
import type { Drizzle } from './database.ts'
import { and, eq, sql } from './drizzle.ts'
import { goneError } from './errors.ts'
import { rooms } from './schema.ts'

/**
 * The next place in a room's order. The room's row stays locked until the transaction ends: that is
 * what keeps a room's messages in order. Whoever also opens or locks turns locks the room first.
 */
export async function nextPosition(transaction: Drizzle, room: RoomKey): Promise<number> {
  const [row] = await transaction
    .update(rooms)
    .set({ lastPosition: sql`${rooms.lastPosition} + 1` })
    .where(rowOf(room))
    .returning({ position: rooms.lastPosition })
  if (row === undefined) throw goneError()
  return row.position
}

/** The same lock without a message: returns the last position, 0 when nothing was ever said. */
export async function lockRoom(transaction: Drizzle, room: RoomKey): Promise<number> {
  const [row] = await transaction
    .select({ position: rooms.lastPosition })
    .from(rooms)
    .where(rowOf(room))
    .for('update')
  if (row === undefined) throw goneError()
  return row.position
}

/**
 * To be called by whatever changes what is already in a room's history, in the same transaction: nobody
 * reads such a change otherwise, since only what is new is read (history.ts). Locks the room.
 */
export async function amend(transaction: Drizzle, room: RoomKey): Promise<void> {
  await transaction
    .update(rooms)
    .set({ amended: sql`${rooms.amended} + 1` })
    .where(rowOf(room))
}

const rowOf = (room: RoomKey): SQL | undefined => and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id))
