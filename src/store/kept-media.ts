import { imageTypeOf } from '../core/attachment.ts'
import type { ParticipantId } from '../core/ids.ts'
import type { KeptMedia } from '../core/people.ts'
import { attachmentPlace } from './attachments.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq } from './drizzle.ts'
import { attachments, messages } from './schema.ts'

export interface MessageMedia extends KeptMedia {
  readonly message: string
}

/** What came with the messages of a person. */
export async function readMedia(
  context: StoreContext,
  person: ParticipantId,
): Promise<readonly MessageMedia[]> {
  const rows = await run(context, (db) =>
    db
      .select({
        message: attachments.messageId,
        number: attachments.number,
        kind: attachments.kind,
        content: attachments.content,
      })
      .from(attachments)
      .innerJoin(
        messages,
        and(eq(messages.ownerId, attachments.ownerId), eq(messages.id, attachments.messageId)),
      )
      .where(eq(messages.participantId, person))
      .orderBy(asc(attachments.messageId), asc(attachments.number)),
  )
  const opened = await context.vault.openBytes(
    rows.map(({ message, number, content }) => ({
      place: attachmentPlace(message, number),
      sealed: content,
    })),
    context.signal,
  )
  return rows.flatMap(({ message, number, kind }, index) => {
    const bytes = opened[index]
    return bytes === undefined
      ? []
      : [{ name: `${message}-${number}.${suffixOf(kind, bytes)}`, kind, bytes, message }]
  })
}

/** Voice messages are Ogg on every platform that sends them. */
const suffixOf = (kind: KeptMedia['kind'], bytes: Uint8Array): string =>
  kind === 'voice' ? 'ogg' : (imageTypeOf(bytes)?.slice('image/'.length) ?? 'bin')
