import { and, eq, sql } from 'drizzle-orm'
import type { Room } from '../core/conversation.ts'
import type { Drizzle } from './database.ts'
import { rooms } from './schema.ts'

/**
 * The next place in a room's order. The room's row stays locked until the transaction ends: that is
 * what keeps a room's messages in order, and whoever also locks turns must call this first.
 */
export async function nextPosition(transaction: Drizzle, room: Room): Promise<number> {
  const [row] = await transaction
    .update(rooms)
    .set({ lastPosition: sql`${rooms.lastPosition} + 1` })
    .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id)))
    .returning({ position: rooms.lastPosition })
  if (row === undefined) throw new TypeError(`no room ${room.id}`)
  return row.position
}
