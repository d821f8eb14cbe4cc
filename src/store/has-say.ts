import type { Room } from '../core/conversation.ts'
import type { SenderReference } from '../core/events.ts'
import type { Doorway } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq } from './drizzle.ts'
import { messages } from './schema.ts'

/** Anybody who sees a message can put something on it: only those who talk here are heard. */
export async function hasSay(
  context: StoreContext,
  doorway: Doorway,
  room: Room,
  sender: SenderReference,
): Promise<boolean> {
  const participant = await context.directory.findParticipant(doorway, sender)
  if (participant === undefined) return false
  if (room.kind === 'direct') return String(room.owner) === participant.id
  const said = await run(context, (db) =>
    db
      .select({ id: messages.id })
      .from(messages)
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.roomId, room.id),
          eq(messages.participantId, participant.id),
        ),
      )
      .limit(1),
  )
  return said.length > 0
}
