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
  const { owner, id: room } = turn.room
  // Two values found first, and then one walk along the index of the room's messages: as a join, Postgres
  // read the whole table. Positions stay far below 2^53; the driver would give a bigint as text.
  const historyFrom = sql`coalesce((
    select history_from from persona_rooms
    where owner_id = ${owner} and room_id = ${room} and persona = ${directory.blindPersona(turn.persona)}), 0)`
  const statement = sql`
    select id, anchor::float8 as anchor, participant_id, persona, turn_id, content, said_at,
      (${historyFrom})::float8 as history_from
    from messages
    where owner_id = ${owner} and room_id = ${room} and chosen and content is not null
      and messages.anchor >= ${historyFrom}
      and messages.anchor <= (select until from turns where owner_id = ${owner} and id = ${turn.id})
      and (turn_id is null or turn_id <> ${turn.id})
    order by messages.anchor desc, position desc
    limit ${messagesMost}`
  const rows = (await database.statement('history', statement, {
    relaxed: true,
  })) as unknown as readonly Row[]
  const inOrder = rows.toReversed()
  return rows.length < messagesMost ? inOrder : newerHalf(inOrder)
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
