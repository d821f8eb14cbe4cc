import { and, desc, eq, gte, isNotNull, isNull, lte, ne, or } from 'drizzle-orm'
import type { Author } from '../core/conversation.ts'
import { messageId, type ParticipantId, participantId, personaId, turnId } from '../core/ids.ts'
import type { HistoryMessage, HistoryReader } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { messages, personaRooms, turns } from './schema.ts'

/** More messages than any model's context holds: bounds the work for a room whose history was imported. */
const messagesMost = 2_000

export function createHistoryReader(context: StoreContext): HistoryReader {
  const { directory, vault, signal } = context
  const place = (row: string) => ({ table: 'messages', column: 'content', row })

  return {
    async read(turn) {
      const { owner, id } = turn.room
      const persona = directory.blindPersona(turn.persona)
      const rows = await run(context, (db) =>
        db
          .select({
            id: messages.id,
            anchor: messages.anchor,
            participantId: messages.participantId,
            persona: messages.persona,
            turnId: messages.turnId,
            content: messages.content,
            saidAt: messages.saidAt,
            historyFrom: personaRooms.historyFrom,
          })
          .from(turns)
          .leftJoin(
            personaRooms,
            and(
              eq(personaRooms.ownerId, turns.ownerId),
              eq(personaRooms.roomId, turns.roomId),
              eq(personaRooms.persona, persona),
            ),
          )
          .innerJoin(
            messages,
            and(
              eq(messages.ownerId, turns.ownerId),
              eq(messages.roomId, turns.roomId),
              eq(messages.chosen, true),
              isNotNull(messages.content),
              lte(messages.anchor, turns.until),
              or(isNull(personaRooms.historyFrom), gte(messages.anchor, personaRooms.historyFrom)),
              or(isNull(messages.turnId), ne(messages.turnId, turn.id)),
            ),
          )
          .where(and(eq(turns.ownerId, owner), eq(turns.id, turn.id), eq(turns.roomId, id)))
          .orderBy(desc(messages.anchor), desc(messages.position))
          .limit(messagesMost),
      )
      rows.reverse()
      const texts = await vault.openTexts(
        rows.map((row) => ({ place: place(row.id), sealed: row.content ?? new Uint8Array() })),
        signal,
      )
      const names = await directory.displayNames(
        rows.flatMap((row) => (row.participantId === null ? [] : [participantId(row.participantId)])),
      )
      const history = rows.flatMap((row, index): readonly HistoryMessage[] => {
        const text = texts[index]
        // The author was erased: their words are gone from everybody's history.
        if (text === undefined) return []
        return [
          {
            id: messageId(row.id),
            anchor: row.anchor,
            author: authorOf(row, names),
            text,
            saidAt: row.saidAt,
          },
        ]
      })
      return { messages: history, historyFrom: rows[0]?.historyFrom ?? 0 }
    },

    async readReply(turn) {
      const [row] = await run(context, (db) =>
        db
          .select({ id: messages.id, content: messages.content })
          .from(messages)
          .where(
            and(
              eq(messages.ownerId, turn.room.owner),
              eq(messages.turnId, turn.id),
              eq(messages.chosen, true),
              isNotNull(messages.content),
            ),
          ),
      )
      if (row === undefined || row.content === null) throw new TypeError(`turn ${turn.id} has no reply`)
      return await vault.openText({ place: place(row.id), sealed: row.content }, signal)
    },
  }

  function authorOf(
    row: {
      readonly participantId: string | null
      readonly persona: Uint8Array | null
      readonly turnId: string | null
    },
    names: ReadonlyMap<ParticipantId, string>,
  ): Author {
    if (row.persona !== null && row.turnId !== null) {
      const id = directory.personaBehind(row.persona) ?? personaId('somebody')
      return { kind: 'persona', id, turn: turnId(row.turnId) }
    }
    const id = participantId(row.participantId ?? '')
    return { kind: 'participant', id, displayName: names.get(id) ?? 'somebody' }
  }
}
