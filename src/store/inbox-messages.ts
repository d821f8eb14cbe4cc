import type { EditEvent, RedactionEvent } from '../core/events.ts'
import { newUuid } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import { and, eq, isNull, sql } from './drizzle.ts'
import { contentPlace, messageLookup, saidAt } from './message-rows.ts'
import { changeTurnsOver } from './pending-turns.ts'
import { amend, nextPosition } from './room-position.ts'
import { messages } from './schema.ts'
import { now } from './time.ts'

export async function editMessage(
  context: StoreContext,
  doorway: Doorway,
  event: EditEvent,
): Promise<boolean> {
  const room = await context.directory.findRoom(doorway, event.room)
  if (room === undefined) return false
  const participant = await context.directory.participant(doorway, event.sender)
  const owner = { kind: 'participant', id: participant.id } as const
  using sealer = await context.vault.prepare([owner], context.signal)
  return await transact(context, async (transaction) => {
    await amend(transaction, room)
    const [found] = await transaction
      .select({ id: messages.id, position: messages.position })
      .from(messages)
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.lookup, messageLookup(context, room, event.target)),
          eq(messages.participantId, participant.id),
          isNull(messages.redactedAt),
        ),
      )
      .for('update')
    if (found === undefined) return false
    await transaction
      .update(messages)
      .set({ content: sealer.seal(owner, contentPlace(found.id), event.text), editedAt: now })
      .where(and(eq(messages.ownerId, room.owner), eq(messages.id, found.id)))
    await changeTurnsOver(context, transaction, room, found.position)
    return true
  })
}

export async function redactMessage(
  context: StoreContext,
  doorway: Doorway,
  event: RedactionEvent,
): Promise<void> {
  const participant = await context.directory.participant(doorway, event.sender)
  const room = await context.directory.room(doorway, event.room, participant.id)
  const lookup = messageLookup(context, room, event.target)
  await transact(context, async (transaction) => {
    await amend(transaction, room)
    const position = await nextPosition(transaction, room)
    const [tombstone] = await transaction
      .insert(messages)
      .values({
        ownerId: room.owner,
        id: newUuid(),
        roomId: room.id,
        position,
        anchor: position,
        author: 'participant',
        participantId: participant.id,
        lookup,
        content: null,
        saidAt: saidAt(event.at),
        redactedAt: now,
      })
      .onConflictDoUpdate({
        target: [messages.ownerId, messages.lookup],
        set: { content: null, redactedAt: sql`coalesce(${messages.redactedAt}, ${now})` },
      })
      .returning({ position: messages.position })
    if (tombstone !== undefined) await changeTurnsOver(context, transaction, room, tombstone.position)
  })
}
