import type { RoomKey } from '../core/conversation.ts'
import { ownerId, type ParticipantId, roomId } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { Drizzle } from './database.ts'
import { alias, and, eq, gte, inArray, isNotNull, isNull, lte } from './drizzle.ts'
import { episodes, factSources, months, recollections } from './memory-schema.ts'
import { messages, rooms, turns } from './schema.ts'
import { now } from './time.ts'

/** Memories by their ids, and whose they are. */
interface Sources {
  readonly owners: readonly string[]
  readonly ids: readonly string[]
}

interface ReplyPlace {
  readonly id: string
  readonly room: RoomKey
}

/** These, and what was made of these words: facts, and the episodes and months that they stand in. */
export async function readSources(
  transaction: Drizzle,
  person: ParticipantId,
  { facts, messages: said }: MemoryRefs,
): Promise<Sources> {
  const owners = [person, ...said.map(({ owner }) => owner)]
  const ids = said.map(({ id }) => id)
  if (ids.length === 0) return { owners, ids: facts }
  const drawn = await transaction
    .select({ id: factSources.factId })
    .from(factSources)
    .where(and(inArray(factSources.messageOwnerId, owners), inArray(factSources.messageId, ids)))
  const told = []
  for (const table of [episodes, months])
    told.push(
      ...(await transaction
        .select({ id: table.id })
        .from(table)
        .innerJoin(
          messages,
          and(
            eq(messages.ownerId, table.ownerId),
            eq(messages.roomId, table.roomId),
            gte(messages.position, table.fromPosition),
            lte(messages.position, table.toPosition),
          ),
        )
        .where(and(inArray(messages.ownerId, owners), inArray(messages.id, ids)))),
    )
  return { owners, ids: [...facts, ...ids, ...[...drawn, ...told].map(({ id }) => id)] }
}

/** The replies to any of these that are words, also where they answer others besides. */
export async function readAnswers(
  transaction: Drizzle,
  { owners, ids }: Sources,
): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const asked = alias(messages, 'asked')
  const rows = await transaction
    .selectDistinct({ id: messages.id })
    .from(asked)
    .innerJoin(
      turns,
      and(
        eq(turns.ownerId, asked.ownerId),
        eq(turns.roomId, asked.roomId),
        lte(turns.since, asked.position),
        gte(turns.until, asked.position),
      ),
    )
    .innerJoin(messages, and(eq(messages.ownerId, turns.ownerId), eq(messages.turnId, turns.id)))
    .where(
      and(
        inArray(asked.ownerId, [...owners]),
        inArray(asked.id, [...ids]),
        eq(asked.author, 'participant'),
        eq(messages.author, 'persona'),
      ),
    )
  return rows.map(({ id }) => id)
}

/** Those of these words that were taken away. */
export async function readGone(transaction: Drizzle, { owners, ids }: Sources): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const rows = await transaction
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(inArray(messages.ownerId, [...owners]), inArray(messages.id, [...ids]), isNull(messages.content)),
    )
  return rows.map(({ id }) => id)
}

/** The replies that were made with any of these, those to this person alone that are named, and where they stand. */
export async function readReplies(
  transaction: Drizzle,
  person: ParticipantId,
  { owners, ids }: Sources,
): Promise<readonly ReplyPlace[]> {
  if (ids.length === 0) return []
  const place = { reply: messages.id, owner: rooms.ownerId, id: rooms.id, kind: rooms.kind }
  const itsRoom = and(eq(rooms.ownerId, messages.ownerId), eq(rooms.id, messages.roomId))
  const stands = and(eq(messages.author, 'persona'), isNotNull(messages.content))
  // One after the other, since each has an index of its own.
  const made = await transaction
    .selectDistinct(place)
    .from(recollections)
    .innerJoin(
      messages,
      and(eq(messages.ownerId, recollections.ownerId), eq(messages.id, recollections.replyId)),
    )
    .innerJoin(rooms, itsRoom)
    .where(
      and(
        inArray(recollections.sourceOwnerId, [...owners]),
        inArray(recollections.sourceId, [...ids]),
        stands,
      ),
    )
  const named = await transaction
    .select(place)
    .from(messages)
    .innerJoin(rooms, itsRoom)
    .where(and(eq(messages.ownerId, person), inArray(messages.id, [...ids]), stands))
  return [...made, ...named].map(({ reply, owner, id, kind }) => ({
    id: reply,
    room: { owner: ownerId(owner), id: roomId(id), kind },
  }))
}

/** They become tombstones here; what their platform shows of them stays. */
export async function removeReplies(transaction: Drizzle, replies: readonly ReplyPlace[]): Promise<void> {
  for (const [owner, made] of Map.groupBy(replies, ({ room }) => room.owner)) {
    const ids = made.map(({ id }) => id)
    await transaction
      .update(messages)
      .set({ content: null, redactedAt: now, remember: false })
      .where(and(eq(messages.ownerId, owner), inArray(messages.id, ids)))
  }
}
