import type { Room, RoomKey } from '../core/conversation.ts'
import type { RedactionEvent } from '../core/events.ts'
import { type ExternalId, newUuid } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import { removeAttachments } from './attachments.ts'
import { base64 } from './blind-names.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, isNull, sql } from './drizzle.ts'
import { messageLookup, saidAt } from './message-rows.ts'
import { changeTurnsOver, isOver } from './pending-turns.ts'
import { hasQuestion, withdrawReply } from './reopen-turns.ts'
import { amend, nextPosition } from './room-position.ts'
import { deliveries, messages, turns } from './schema.ts'
import { now } from './time.ts'

/** `Inbox.redact`. */
export async function redactMessage(
  context: StoreContext,
  doorway: Doorway,
  event: RedactionEvent,
): Promise<void> {
  const { directory } = context
  const participant = await directory.findParticipant(doorway, event.sender)
  const room =
    participant === undefined
      ? await directory.findRoom(doorway, event.room)
      : await directory.room(doorway, event.room, participant.id)
  if (room === undefined) {
    // Nobody becomes known here by what they take away: somebody who was erased may do that for long.
    context.takenBack.set(takenBackKey(context, doorway, event, event.target), true)
    return
  }
  const lookup = messageLookup(context, room, event.target)
  await transact(context, async (transaction) => {
    await amend(transaction, room)
    if (await redactReply(context, transaction, doorway, room, lookup)) return
    const edited = await redactEdited(transaction, room, lookup)
    const redacted = edited ?? (await leaveTombstone(transaction, room, event, participant?.id, lookup))
    await takeAlong(context, transaction, room, [redacted])
  })
}

/** Of a message in a room of which nothing is known. */
export function takenBackKey(
  { vault }: StoreContext,
  { account }: Doorway,
  { room }: Pick<RedactionEvent, 'room'>,
  externalId: ExternalId,
): string {
  return base64(vault.lookup({ kind: 'message', account, room: room.externalId, externalId }))
}

/** What goes with messages that were taken away. The room is locked. */
export async function takeAlong(
  context: StoreContext,
  transaction: Drizzle,
  room: RoomKey,
  gone: readonly Redacted[],
): Promise<void> {
  if (gone.length === 0) return
  await removeAttachments(
    transaction,
    room,
    gone.map(({ id }) => id),
  )
  const positions = gone.map(({ position }) => position)
  await takeAnswersAlong(context, transaction, room, positions)
}

/** What was said at these positions is gone, and what is said to it goes. The room is locked. */
export async function takeAnswersAlong(
  context: StoreContext,
  transaction: Drizzle,
  room: RoomKey,
  positions: readonly number[],
): Promise<void> {
  await withdrawWhatAnswered(context, transaction, room, positions)
  await changeTurnsOver(context, transaction, room, positions)
}

/**
 * A moderator has taken a part of a reply away: the rest of it goes too. What another persona has said is that
 * one's account to tell of, which knows whether it took it back itself. `false`: it is no part of a reply.
 */
async function redactReply(
  context: StoreContext,
  transaction: Drizzle,
  { persona }: Doorway,
  room: Room,
  lookup: Uint8Array,
): Promise<boolean> {
  const isPart = and(eq(deliveries.ownerId, room.owner), eq(deliveries.lookup, lookup))
  const [part] = await transaction
    .select({ turn: deliveries.turnId, removedAt: deliveries.removedAt })
    .from(deliveries)
    .where(isPart)
    .limit(1)
  if (part === undefined) return false
  const [turn] = await transaction
    .select()
    .from(turns)
    .where(and(eq(turns.ownerId, room.owner), eq(turns.id, part.turn)))
    .for('update')
  if (turn === undefined || base64(turn.persona) !== base64(context.directory.blindPersona(persona)))
    return true
  if (part.removedAt !== null) return false
  await transaction.update(deliveries).set({ removedAt: now }).where(isPart)
  await withdrawReply(context, transaction, room, turn)
  return true
}

interface Redacted {
  readonly id: string
  readonly position: number
}

/** What it said before the edit is not kept, so that the message goes with its latest edit. */
async function redactEdited(
  transaction: Drizzle,
  room: Room,
  lookup: Uint8Array,
): Promise<Redacted | undefined> {
  const [edited] = await transaction
    .update(messages)
    .set({ content: null, externalId: null, redactedAt: now })
    .where(
      and(eq(messages.ownerId, room.owner), eq(messages.editLookup, lookup), isNull(messages.redactedAt)),
    )
    .returning({ id: messages.id, position: messages.position })
  return edited
}

async function leaveTombstone(
  transaction: Drizzle,
  room: Room,
  event: RedactionEvent,
  participantId: string | undefined,
  lookup: Uint8Array,
): Promise<Redacted> {
  const id = newUuid()
  const position = await nextPosition(transaction, room)
  const [tombstone] = await transaction
    .insert(messages)
    .values({
      ownerId: room.owner,
      id,
      roomId: room.id,
      position,
      anchor: position,
      author: 'participant',
      participantId,
      lookup,
      content: null,
      saidAt: saidAt(event.at),
      redactedAt: now,
    })
    .onConflictDoUpdate({
      target: [messages.ownerId, messages.lookup],
      set: { content: null, externalId: null, redactedAt: sql`coalesce(${messages.redactedAt}, ${now})` },
    })
    .returning({ id: messages.id, position: messages.position })
  return tombstone ?? { id, position }
}

/** A reply whose messages are all redacted would still tell what they said. */
async function withdrawWhatAnswered(
  context: StoreContext,
  transaction: Drizzle,
  room: RoomKey,
  positions: readonly number[],
): Promise<void> {
  const answering = await transaction
    .select()
    .from(turns)
    .where(
      and(
        eq(turns.ownerId, room.owner),
        eq(turns.roomId, room.id),
        eq(turns.kind, 'reply'),
        isOver(positions),
      ),
    )
    .for('update')
  for (const turn of answering) {
    if (!(await hasQuestion(transaction, turn))) await withdrawReply(context, transaction, room, turn)
  }
}
