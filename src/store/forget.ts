import { type OwnerId, ownerId, type ParticipantId, roomId } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, inArray, isNotNull, sql } from './drizzle.ts'
import { takeAlong } from './redact-message.ts'
import { amend } from './room-position.ts'
import { facts, messages, participants, rooms } from './schema.ts'
import { now } from './time.ts'

/**
 * `OwnMemory.forget`. The words go as if they had been deleted where they were said, with the replies to them; the
 * platform's own copy of them is not ours to take away. What was made of them goes with them, by the database.
 */
export function forget(
  context: StoreContext,
  person: ParticipantId,
  { facts: wanted, messages: said }: MemoryRefs,
): Promise<void> {
  return transact(context, async (transaction) => {
    for (const [owner, ids] of Map.groupBy(said, (message) => message.owner))
      await forgetMessages(
        context,
        transaction,
        person,
        owner,
        ids.map(({ id }) => id),
      )
    if (wanted.length === 0) return
    await transaction
      .update(participants)
      .set({ factsVersion: sql`${participants.factsVersion} + 1` })
      .where(eq(participants.id, person))
    // What they took the place of is not true again for that.
    await transaction.delete(facts).where(and(eq(facts.ownerId, person), inArray(facts.id, [...wanted])))
  })
}

async function forgetMessages(
  context: StoreContext,
  transaction: Drizzle,
  person: ParticipantId,
  owner: OwnerId,
  ids: readonly string[],
): Promise<void> {
  const theirs = and(
    eq(messages.ownerId, owner),
    inArray(messages.id, [...ids]),
    eq(messages.participantId, person),
    isNotNull(messages.content),
  )
  const places = await transaction
    .selectDistinct({ room: messages.roomId })
    .from(messages)
    .where(theirs)
    .orderBy(messages.roomId)
  for (const { room: id } of places) {
    const [row] = await transaction
      .select({ kind: rooms.kind })
      .from(rooms)
      .where(and(eq(rooms.ownerId, owner), eq(rooms.id, id)))
    if (row === undefined) continue
    const room = { owner: ownerId(owner), id: roomId(id), kind: row.kind }
    await amend(transaction, room)
    const gone = await transaction
      .update(messages)
      .set({ content: null, redactedAt: now, remember: false })
      .where(and(theirs, eq(messages.roomId, id)))
      .returning({ id: messages.id, position: messages.position })
    for (const message of gone) await takeAlong(context, transaction, room, message)
  }
}
