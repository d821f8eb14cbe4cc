import type { RoomKey } from '../core/conversation.ts'
import { type OwnerId, ownerId, type ParticipantId, roomId } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, inArray, isNotNull, sql } from './drizzle.ts'
import { factSources, facts, recollections } from './memory-schema.ts'
import { takeAlong } from './redact-message.ts'
import { amend } from './room-position.ts'
import { messages, participants, rooms } from './schema.ts'
import { now } from './time.ts'

/**
 * Takes these facts and words of theirs away. The words go as if they had been deleted where they were said, with the replies to them; the
 * platform's own copy of them is not ours to take away. What was made of them goes with them, by the database.
 */
export async function forget(
  context: StoreContext,
  transaction: Drizzle,
  person: ParticipantId,
  { facts: wanted, messages: said }: MemoryRefs,
): Promise<void> {
  const rooms = await readRooms(transaction, person, said)
  const replies = await readReplies(transaction, person, { facts: wanted, messages: said })
  // Whoever keeps facts locks a room and then a person: all rooms are locked before the person is.
  for (const room of inOrder([...rooms, ...replies.map(({ room }) => room)])) await amend(transaction, room)
  if (wanted.length > 0) {
    await transaction
      .update(participants)
      .set({ factsVersion: sql`${participants.factsVersion} + 1` })
      .where(eq(participants.id, person))
    // Before their words go: what they took the place of is not true again for that.
    await transaction.delete(facts).where(and(eq(facts.ownerId, person), inArray(facts.id, [...wanted])))
  }
  for (const room of rooms) await forgetMessages(context, transaction, person, room, said)
  for (const [owner, made] of Map.groupBy(replies, ({ room }) => room.owner))
    await transaction
      .update(messages)
      .set({ content: null, redactedAt: now, remember: false })
      .where(
        and(
          eq(messages.ownerId, owner),
          inArray(
            messages.id,
            made.map(({ id }) => id),
          ),
          isNotNull(messages.content),
        ),
      )
}

const theirs = (person: ParticipantId, owner: OwnerId, said: MemoryRefs['messages']) =>
  and(
    eq(messages.ownerId, owner),
    inArray(
      messages.id,
      said.map(({ id }) => id),
    ),
    eq(messages.participantId, person),
    isNotNull(messages.content),
  )

/** Always the same, each once. */
const inOrder = (rooms: readonly RoomKey[]): readonly RoomKey[] =>
  [...new Map(rooms.map((room) => [room.id, room])).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** The replies that were made with any of these, or with a fact that came from them; and where they stand. */
async function readReplies(
  transaction: Drizzle,
  person: ParticipantId,
  { facts: wanted, messages: said }: MemoryRefs,
) {
  const ids = said.map(({ id }) => id)
  if (ids.length + wanted.length === 0) return []
  const owners = [person, ...said.map(({ owner }) => owner)]
  const drawn =
    ids.length === 0
      ? []
      : await transaction
          .select({ id: factSources.factId })
          .from(factSources)
          .where(and(inArray(factSources.messageOwnerId, owners), inArray(factSources.messageId, ids)))
  const rows = await transaction
    .selectDistinct({ reply: messages.id, owner: rooms.ownerId, id: rooms.id, kind: rooms.kind })
    .from(recollections)
    .innerJoin(
      messages,
      and(eq(messages.ownerId, recollections.ownerId), eq(messages.id, recollections.replyId)),
    )
    .innerJoin(rooms, and(eq(rooms.ownerId, messages.ownerId), eq(rooms.id, messages.roomId)))
    .where(
      and(
        inArray(recollections.sourceOwnerId, owners),
        inArray(recollections.sourceId, [...wanted, ...ids, ...drawn.map(({ id }) => id)]),
      ),
    )
  return rows.map(({ reply, owner, id, kind }) => ({
    id: reply,
    room: { owner: ownerId(owner), id: roomId(id), kind },
  }))
}

async function readRooms(
  transaction: Drizzle,
  person: ParticipantId,
  said: MemoryRefs['messages'],
): Promise<readonly RoomKey[]> {
  const found: RoomKey[] = []
  for (const [owner, ids] of Map.groupBy(said, (message) => message.owner)) {
    const rows = await transaction
      .selectDistinct({ id: rooms.id, kind: rooms.kind })
      .from(messages)
      .innerJoin(rooms, and(eq(rooms.ownerId, messages.ownerId), eq(rooms.id, messages.roomId)))
      .where(theirs(person, owner, ids))
    found.push(...rows.map(({ id, kind }) => ({ owner, id: roomId(id), kind })))
  }
  return found
}

async function forgetMessages(
  context: StoreContext,
  transaction: Drizzle,
  person: ParticipantId,
  room: RoomKey,
  said: MemoryRefs['messages'],
): Promise<void> {
  const gone = await transaction
    .update(messages)
    .set({ content: null, redactedAt: now, remember: false })
    .where(and(theirs(person, room.owner, said), eq(messages.roomId, room.id)))
    .returning({ id: messages.id, position: messages.position })
  await takeAlong(context, transaction, room, gone)
}
