import { imageTypeOf } from '../core/attachment.ts'
import type { Image, Room, Turn } from '../core/conversation.ts'
import { type MessageId, messageId } from '../core/ids.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, desc, eq, gt, isNotNull, lte } from './drizzle.ts'
import { attachments, messages } from './schema.ts'

/** More take a model longer to look at than anybody waits, and each has some megabytes. */
const imagesMost = 4

export const attachmentPlace = (message: string, number: number): Place => ({
  table: 'attachments',
  column: 'content',
  row: `${message} ${number}`,
})

/** `HistoryReader.readImages`. */
export async function readImages(
  context: StoreContext,
  turn: Turn,
  after: number,
): Promise<ReadonlyMap<MessageId, readonly Image[]>> {
  const rows = await run(context, (db) =>
    db
      .select({ id: messages.id, number: attachments.number, content: attachments.content })
      .from(messages)
      .innerJoin(
        attachments,
        and(eq(attachments.ownerId, messages.ownerId), eq(attachments.messageId, messages.id)),
      )
      .where(
        and(
          eq(messages.ownerId, turn.room.owner),
          eq(messages.roomId, turn.room.id),
          // As the index of the room's order has it.
          eq(messages.chosen, true),
          isNotNull(messages.content),
          gt(messages.anchor, after),
          lte(messages.anchor, turn.history.until),
          eq(attachments.kind, 'image'),
        ),
      )
      .orderBy(desc(messages.anchor), desc(messages.position), desc(attachments.number))
      .limit(imagesMost),
  )
  const inOrder = rows.toReversed()
  const opened = await context.vault.openBytes(
    inOrder.map(({ id, number, content }) => ({ place: attachmentPlace(id, number), sealed: content })),
    context.signal,
  )
  const images = new Map<MessageId, readonly Image[]>()
  for (const [index, { id }] of inOrder.entries()) {
    const bytes = opened[index]
    const mediaType = bytes === undefined ? undefined : imageTypeOf(bytes)
    // Its sender was erased in the meantime.
    if (bytes === undefined || mediaType === undefined) continue
    const message = messageId(id)
    images.set(message, [...(images.get(message) ?? []), { mediaType, bytes }])
  }
  return images
}

export async function removeAttachments(transaction: Drizzle, room: Room, message: string): Promise<void> {
  await transaction
    .delete(attachments)
    .where(and(eq(attachments.ownerId, room.owner), eq(attachments.messageId, message)))
}
