import { imageTypeOf } from '../core/attachment.ts'
import type { Image, RoomKey, Turn } from '../core/conversation.ts'
import { type MessageId, messageId } from '../core/ids.ts'
import type { Place } from '../vault/seal.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, inArray, sql } from './drizzle.ts'
import { attachments } from './schema.ts'
import { statement, value } from './statement.ts'

/** More take a model longer to look at than anybody waits, and each has some megabytes. */
const imagesMost = 4

export const attachmentPlace = (message: string, number: number): Place => ({
  table: 'attachments',
  column: 'content',
  row: `${message} ${number}`,
})

/** The new messages are found first, along the index of the room's order, and then what came with them. */
const reading = statement(
  'images',
  sql`
    with said as materialized (
      select id, anchor, position from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')} and chosen and content is not null
        and anchor > ${value('after')} and anchor <= ${value('until')}
    )
    select said.id, number, content
    from said cross join lateral (
      select number, content from attachments
      where owner_id = ${value('owner')} and message_id = said.id and kind = 'image'
      -- Without a limit of its own Postgres read the whole table to join it.
      order by number desc limit ${value('most')}
    ) shown
    order by anchor desc, position desc, number desc
    limit ${value('most')}`,
)

interface ImageRow {
  readonly id: string
  readonly number: number
  readonly content: Uint8Array
}

/** `HistoryReader.readImages`. */
export async function readImages(
  { database, vault, signal }: StoreContext,
  turn: Turn,
  after: number,
): Promise<ReadonlyMap<MessageId, readonly Image[]>> {
  const { id: room, owner } = turn.room
  const values = { owner, room, after, until: turn.history.until, most: imagesMost }
  const rows = await database.statement(reading, values, { relaxed: true })
  const inOrder = (rows as unknown as readonly ImageRow[]).toReversed()
  const opened = await vault.openBytes(
    inOrder.map(({ id, number, content }) => ({ place: attachmentPlace(id, number), sealed: content })),
    signal,
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

export async function removeAttachments(
  transaction: Drizzle,
  room: RoomKey,
  messages: readonly string[],
): Promise<void> {
  await transaction
    .delete(attachments)
    .where(and(eq(attachments.ownerId, room.owner), inArray(attachments.messageId, [...messages])))
}
