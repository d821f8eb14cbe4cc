import type { Room } from '../core/conversation.ts'
import type { Drizzle } from './database.ts'
import { and, desc, eq, lt, sql } from './drizzle.ts'
import { messages } from './schema.ts'

/** Whoever said nothing in so many messages has been silent for long, however long. */
const recentMost = 200

/** The newest messages of a room before that position, or of all, with the personas that have said them. */
export const recentMessages = (db: Drizzle, room: Room, before = Number.MAX_SAFE_INTEGER) =>
  db
    .select({ persona: messages.persona, position: messages.position })
    .from(messages)
    .where(and(eq(messages.ownerId, room.owner), eq(messages.roomId, room.id), lt(messages.position, before)))
    .orderBy(desc(messages.position))
    .limit(recentMost)
    .as('recent')

/** Undefined where none has spoken lately. What was taken back was said all the same. */
export async function lastSpeaker(transaction: Drizzle, room: Room): Promise<Uint8Array | undefined> {
  const recent = recentMessages(transaction, room)
  const [last] = await transaction
    .select({ persona: recent.persona })
    .from(recent)
    .where(sql`${recent.persona} is not null`)
    .orderBy(desc(recent.position))
    .limit(1)
  return last?.persona ?? undefined
}
