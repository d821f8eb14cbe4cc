import { type MessageId, participantId } from '../core/ids.ts'
import type { MemoryVector, Slice, Vector, VectorWriter } from '../core/recall.ts'
import type { KeyOwner } from '../vault/vault.ts'
import { run, type StoreContext, transact } from './context.ts'
import { and, eq, inArray, isNotNull, sql } from './drizzle.ts'
import { vectors } from './memory-schema.ts'
import { contentPlace } from './message-rows.ts'
import { keyOwner } from './room-key.ts'
import { messages, rooms } from './schema.ts'
import { encodeVector, vectorPlace } from './vector-bytes.ts'

/** A message as it was when its text was compared with the one that was embedded. */
interface SeenMessage {
  readonly id: string
  readonly content: Uint8Array
  readonly keyOwner: KeyOwner
  readonly vector: Vector
}

export function createVectorWriter(context: StoreContext): VectorWriter {
  return {
    async writeVectors(slice, made) {
      const seen = await readSeen(context, slice, made)
      if (seen.length === 0) return
      using sealer = await context.vault.prepare(
        seen.map(({ keyOwner }) => keyOwner),
        context.signal,
      )
      await transact(context, async (transaction) => {
        // Whoever changes a message locks its room as well, so that none of these changes meanwhile.
        const [room] = await transaction
          .update(rooms)
          .set({ recallVersion: sql`${rooms.recallVersion} + 1` })
          .where(and(eq(rooms.ownerId, slice.owner), eq(rooms.id, slice.room)))
          .returning({ version: rooms.recallVersion })
        if (room === undefined) return
        const still = await transaction
          .select({ id: messages.id, content: messages.content })
          .from(messages)
          .where(
            and(
              eq(messages.ownerId, slice.owner),
              inArray(
                messages.id,
                seen.map(({ id }) => id),
              ),
              isNotNull(messages.content),
            ),
          )
        const contents = new Map(still.map(({ id, content }) => [id, content]))
        const rows = seen
          // Each sealing has a nonce of its own, so that the same bytes are the same words.
          .filter(({ id, content }) => isSame(contents.get(id), content))
          .map(({ id, keyOwner, vector }) => ({
            ownerId: slice.owner,
            messageId: id,
            roomId: slice.room,
            model: vector.model,
            dimensions: vector.values.length,
            content: sealer.seal(keyOwner, vectorPlace(id), encodeVector(vector)),
            version: room.version,
          }))
        if (rows.length === 0) return
        await transaction
          .insert(vectors)
          .values(rows)
          .onConflictDoUpdate({
            target: [vectors.ownerId, vectors.messageId],
            set: {
              model: sql`excluded.model`,
              dimensions: sql`excluded.dimensions`,
              content: sql`excluded.content`,
              version: sql`excluded.version`,
            },
          })
      })
    },
  }
}

/** Those whose text is still the one that was embedded. */
async function readSeen(
  context: StoreContext,
  slice: Slice,
  made: readonly MemoryVector[],
): Promise<readonly SeenMessage[]> {
  const byId = new Map<MessageId, MemoryVector>(made.map((each) => [each.memory.id, each]))
  const found = await run(context, (db) =>
    db
      .select({
        id: messages.id,
        content: messages.content,
        participant: messages.participantId,
        kind: rooms.kind,
      })
      .from(messages)
      .innerJoin(rooms, and(eq(rooms.ownerId, messages.ownerId), eq(rooms.id, messages.roomId)))
      .where(
        and(
          eq(messages.ownerId, slice.owner),
          eq(messages.roomId, slice.room),
          inArray(messages.id, [...byId.keys()]),
        ),
      ),
  )
  const rows = found.flatMap(({ content, ...row }) => (content === null ? [] : [{ ...row, content }]))
  const texts = await context.vault.openTexts(
    rows.map(({ id, content }) => ({ place: contentPlace(id), sealed: content })),
    context.signal,
  )
  return rows.flatMap(({ id, content, participant, kind }, index) => {
    const given = byId.get(id as MessageId)
    if (given === undefined || texts[index] !== given.memory.text) return []
    const owner: KeyOwner =
      participant === null
        ? keyOwner({ id: slice.room, kind, owner: slice.owner })
        : { kind: 'participant', id: participantId(participant) }
    return [{ id, content, keyOwner: owner, vector: given.vector }]
  })
}

function isSame(a: Uint8Array | null | undefined, b: Uint8Array): boolean {
  return a !== null && a !== undefined && Buffer.compare(a, b) === 0
}
