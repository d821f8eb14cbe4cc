import type { Author, Turn } from '../core/conversation.ts'
import { messageId, type ParticipantId, participantId, personaId, turnId } from '../core/ids.ts'
import type { HistoryMessage, HistoryReader } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, isNotNull, sql } from './drizzle.ts'
import { contentPlace } from './message-rows.ts'
import { messages } from './schema.ts'

/** More messages than most models' contexts hold: bounds the work for a room whose history was imported. */
const messagesMost = 2_000

export function createHistoryReader(context: StoreContext): HistoryReader {
  const { directory, vault, signal } = context
  return {
    async read(turn) {
      const rows = await readRows(context, turn)
      const items = rows.map(({ id, content }) => ({ place: contentPlace(id), sealed: content }))
      const texts = await vault.openTexts(items, signal)
      const people = rows.flatMap(({ participant_id: id }) => (id === null ? [] : [participantId(id)]))
      const names = await directory.displayNames(people)
      const history = rows.flatMap((row, index): readonly HistoryMessage[] => {
        const text = texts[index]
        // The author was erased: their words are gone from everybody's history.
        if (text === undefined) return []
        const { id, anchor, said_at: saidAt } = row
        return [{ id: messageId(id), anchor, author: authorOf(row, names), text, saidAt }]
      })
      return { messages: history, historyFrom: rows[0]?.history_from ?? 0 }
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
      return await vault.openText({ place: contentPlace(row.id), sealed: row.content }, signal)
    },
  }

  function authorOf(row: Row, names: ReadonlyMap<ParticipantId, string>): Author {
    if (row.persona !== null && row.turn_id !== null) {
      const id = directory.personaBehind(row.persona) ?? personaId('somebody')
      return { kind: 'persona', id, turn: turnId(row.turn_id) }
    }
    const id = participantId(row.participant_id ?? '')
    return { kind: 'participant', id, displayName: names.get(id) ?? 'somebody' }
  }
}

interface Row {
  readonly id: string
  readonly anchor: number
  readonly participant_id: string | null
  readonly persona: Uint8Array | null
  readonly turn_id: string | null
  readonly content: Uint8Array
  readonly said_at: Date
  readonly history_from: number
}

/** In the order of the conversation, from the last cut up to what the turn answers, without its own swipes. */
async function readRows({ database, directory }: StoreContext, turn: Turn): Promise<readonly Row[]> {
  // Positions stay far below 2^53; the driver would give a bigint as text.
  const statement = sql`
    with cut as (
      select t.owner_id, t.room_id, t.until, coalesce(p.history_from, 0) as history_from
      from turns t
      left join persona_rooms p
        on p.owner_id = t.owner_id and p.room_id = t.room_id and p.persona = ${directory.blindPersona(turn.persona)}
      where t.owner_id = ${turn.room.owner} and t.id = ${turn.id}
    ), latest as (
      select m.id, m.anchor, m.position, m.participant_id, m.persona, m.turn_id, m.content, m.said_at, cut.history_from
      from messages m
      join cut on m.owner_id = cut.owner_id and m.room_id = cut.room_id
      where m.chosen and m.content is not null
        and m.anchor between cut.history_from and cut.until
        and (m.turn_id is null or m.turn_id <> ${turn.id})
      order by m.anchor desc, m.position desc
      limit ${messagesMost}
    )
    select id, anchor::float8 as anchor, participant_id, persona, turn_id, content, said_at,
      history_from::float8 as history_from
    from latest
    order by latest.anchor, latest.position`
  const rows = (await database.statement('history', statement, {
    relaxed: true,
  })) as unknown as readonly Row[]
  return rows.length < messagesMost ? rows : newerHalf(rows)
}

/**
 * A beginning that moved by some messages with every turn would leave the model's prefix cache nothing.
 * It begins where an anchor begins, since that is what is remembered of a cut.
 */
function newerHalf(rows: readonly Row[]): readonly Row[] {
  const from = rows.findIndex(
    ({ anchor }, index) => index >= messagesMost / 2 && anchor !== rows[index - 1]?.anchor,
  )
  return rows.slice(from)
}
