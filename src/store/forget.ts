import type { RoomKey } from '../core/conversation.ts'
import { type OwnerId, type ParticipantId, roomId } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, inArray, isNotNull, sql } from './drizzle.ts'
import { facts } from './memory-schema.ts'
import { readAnswers, readGone, readReplies, readSources, removeReplies } from './recollections.ts'
import { takeAlong } from './redact-message.ts'
import { amend } from './room-position.ts'
import { messages, participants, rooms } from './schema.ts'
import { now } from './time.ts'

/**
 * Takes these facts away, and these words of theirs, or to them alone. Theirs go as if they had been deleted where they
 * were said, with the replies to them, and so does what was said later with any of this in mind; the platform's own
 * copy of all that is not ours to take away. What was made of it goes with it, by the database.
 */
export async function forget(
  context: StoreContext,
  transaction: Drizzle,
  person: ParticipantId,
  { facts: wanted, messages: said }: MemoryRefs,
): Promise<void> {
  const rooms = await readRooms(transaction, person, said)
  const sources = await readSources(transaction, person, { facts: wanted, messages: said })
  const answers = await readAnswers(transaction, sources)
  const mayGo = { ...sources, ids: [...sources.ids, ...answers] }
  const known = (await readReplies(transaction, person, mayGo)).map(({ room }) => room)
  // Whoever keeps facts locks a room and then a person: all rooms are locked before the person is.
  for (const room of inOrder([...rooms, ...known])) await amend(transaction, room)
  if (wanted.length > 0) {
    await transaction
      .update(participants)
      .set({ factsVersion: sql`${participants.factsVersion} + 1` })
      .where(eq(participants.id, person))
    // Before their words go: what they took the place of is not true again for that.
    await transaction.delete(facts).where(and(eq(facts.ownerId, person), inArray(facts.id, [...wanted])))
  }
  for (const room of rooms) await forgetMessages(context, transaction, person, room, said)
  // Also one that was answered in between: from here on none is kept that was made with any of this.
  const gone = await readGone(transaction, { ...sources, ids: answers })
  const replies = await readReplies(transaction, person, { ...sources, ids: [...sources.ids, ...gone] })
  const locked = new Set([...rooms, ...known].map(({ id }) => id))
  for (const room of inOrder(replies.map(({ room }) => room)))
    if (!locked.has(room.id)) await amend(transaction, room)
  await removeReplies(transaction, replies)
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
