import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Room } from '../core/conversation.ts'
import type { EditEvent, MessageEvent, RedactionEvent } from '../core/events.ts'
import { type ExternalId, newUuid } from '../core/ids.ts'
import type { Acceptance, Doorway } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import { changeTurnsOver, collectInTurn } from './pending-turns.ts'
import { nextPosition } from './room-position.ts'
import { messages } from './schema.ts'
import { now } from './time.ts'

const lookupOf = ({ vault }: StoreContext, { account, externalId: room }: Room, externalId: ExternalId) =>
  vault.lookup({ kind: 'message', account, room, externalId })

const contentOf = (row: string) => ({ table: 'messages', column: 'content', row })

/** Platforms' clocks are not ours: what is no time at all becomes the time at which it came. */
const validTime = (at: Date) => (Number.isNaN(at.getTime()) ? now : at)

/**
 * A first message makes its participant, key and room in small steps of their own before the one
 * transaction that stores it: each step can be done again, and none of them shows anything.
 */
export async function acceptMessage(
  context: StoreContext,
  doorway: Doorway,
  event: MessageEvent,
  settleMs: number,
): Promise<Acceptance> {
  const participant = await context.directory.participant(doorway, event.sender)
  const room = await context.directory.room(doorway, event.room, participant.id)
  const owner = { kind: 'participant', id: participant.id } as const
  using sealer = await context.vault.prepare([owner], context.signal)
  return await transact(context, async (transaction) => {
    const position = await nextPosition(transaction, room)
    const id = newUuid()
    const inserted = await transaction
      .insert(messages)
      .values({
        ownerId: room.owner,
        id,
        roomId: room.id,
        position,
        anchor: position,
        author: 'participant',
        participantId: participant.id,
        lookup: lookupOf(context, room, event.externalId),
        content: sealer.seal(owner, contentOf(id), event.text),
        saidAt: validTime(event.at),
      })
      .onConflictDoNothing({ target: [messages.ownerId, messages.lookup] })
      .returning({ id: messages.id })
    if (inserted.length === 0) return { status: 'duplicate', room }
    await collectInTurn(context, transaction, doorway, room, position, settleMs)
    return { status: 'accepted', room }
  })
}

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
    const [found] = await transaction
      .select({ id: messages.id, position: messages.position })
      .from(messages)
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.lookup, lookupOf(context, room, event.target)),
          eq(messages.participantId, participant.id),
          isNull(messages.redactedAt),
        ),
      )
      .for('update')
    if (found === undefined) return false
    await transaction
      .update(messages)
      .set({ content: sealer.seal(owner, contentOf(found.id), event.text), editedAt: now })
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
  const lookup = lookupOf(context, room, event.target)
  await transact(context, async (transaction) => {
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
        saidAt: validTime(event.at),
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
