import { factId, messageId, turnId } from '../core/ids.ts'
import type { KeptKnock } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq } from './drizzle.ts'
import { knockPlace, readContent } from './knock-rows.ts'
import { knocks } from './knock-schema.ts'
import { openEach } from './open-each.ts'
import type { rooms } from './schema.ts'

/** What personas mean to say first in a room, and what they have said there. */
export async function readKnocks(
  context: StoreContext,
  room: typeof rooms.$inferSelect,
): Promise<readonly KeptKnock[]> {
  const rows = await run(context, (db) =>
    db
      .select()
      .from(knocks)
      .where(and(eq(knocks.ownerId, room.ownerId), eq(knocks.roomId, room.id)))
      .orderBy(asc(knocks.number)),
  )
  const texts = await openEach(context)(rows, ({ id, content }) => ({
    place: knockPlace(id),
    sealed: content,
  }))
  return rows.flatMap(
    (
      { kind, number, dueAt, begunAt, cancelled, persona, turnId: turn, messageId: message, factId: fact },
      index,
    ) => {
      const text = texts[index]
      if (text === undefined) return []
      const who = context.directory.personaBehind(persona) ?? 'somebody'
      return [
        {
          kind,
          number,
          dueAt,
          content: readContent(text),
          persona: who,
          begunAt: begunAt ?? undefined,
          cancelled,
          turn: turn === null ? undefined : turnId(turn),
          message: message === null ? undefined : messageId(message),
          fact: fact === null ? undefined : factId(fact),
        },
      ]
    },
  )
}
