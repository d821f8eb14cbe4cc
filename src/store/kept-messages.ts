import { externalId, messageId, type ParticipantId, turnId } from '../core/ids.ts'
import type { Made } from '../core/made.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { KeptMessage } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq } from './drizzle.ts'
import type { MessageMedia } from './kept-media.ts'
import { recollections, vectors } from './memory-schema.ts'
import { contentPlace, externalIdPlace, madePlace, recalledPlace } from './message-rows.ts'
import { openEach } from './open-each.ts'
import { messages, type rooms } from './schema.ts'

export type MediaOf = ReadonlyMap<string, readonly MessageMedia[]>

/** Of a group only what they said themself. */
export async function readMessages(
  context: StoreContext,
  person: ParticipantId,
  row: typeof rooms.$inferSelect,
  media: MediaOf,
): Promise<readonly KeptMessage[]> {
  const theirs = and(
    eq(messages.ownerId, row.ownerId),
    eq(messages.roomId, row.id),
    row.kind === 'group' ? eq(messages.participantId, person) : undefined,
  )
  const [rows, sources] = await Promise.all([
    run(context, (db) =>
      db
        .select({ message: messages, vector: vectors.model })
        .from(messages)
        .leftJoin(vectors, and(eq(vectors.ownerId, messages.ownerId), eq(vectors.messageId, messages.id)))
        .where(theirs)
        .orderBy(asc(messages.anchor), asc(messages.position)),
    ),
    run(context, (db) =>
      db
        .select({ reply: recollections.replyId, source: recollections.sourceId })
        .from(recollections)
        .innerJoin(
          messages,
          and(eq(messages.ownerId, recollections.ownerId), eq(messages.id, recollections.replyId)),
        )
        .where(theirs),
    ),
  ])
  const made = Map.groupBy(sources, ({ reply }) => reply)
  const open = openEach(context)
  const texts = await open(
    rows,
    ({ message }) => message.content && { place: contentPlace(message.id), sealed: message.content },
  )
  const ids = await open(
    rows,
    ({ message }) => message.externalId && { place: externalIdPlace(message.id), sealed: message.externalId },
  )
  const recalled = await open(
    rows,
    ({ message }) => message.recalled && { place: recalledPlace(message.id), sealed: message.recalled },
  )
  const how = await open(
    rows,
    ({ message }) => message.made && { place: madePlace(message.id), sealed: message.made },
  )
  return rows.map(({ message, vector }, index) => {
    const { id, position, anchor, persona, turnId: turn, saidAt, receivedAt, editedAt, redactedAt } = message
    const { addressed, swipe, chosen, passing, remember: waits, passedOver } = message
    const [external, refs, way] = [ids[index], recalled[index], how[index]]
    return {
      id: messageId(id),
      position,
      anchor,
      persona: persona === null ? undefined : (context.directory.personaBehind(persona) ?? 'somebody'),
      text: texts[index],
      saidAt,
      receivedAt,
      editedAt,
      redactedAt,
      externalId: external === undefined ? undefined : externalId(external),
      addressed,
      turn: turn === null ? undefined : turnId(turn),
      swipe,
      chosen,
      recalled: refs === undefined ? undefined : (JSON.parse(refs) as MemoryRefs),
      recollections: (made.get(id) ?? []).map(({ source }) => source),
      made: way === undefined ? undefined : (JSON.parse(way) as Made),
      passing,
      waits,
      passedOver: passedOver ?? undefined,
      vector: vector ?? undefined,
      media: (media.get(id) ?? []).map((each) => each.name),
    }
  })
}
