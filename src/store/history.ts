import type { Author } from '../core/conversation.ts'
import { messageId, type ParticipantId, participantId, personaId, turnId } from '../core/ids.ts'
import type { HistoryMessage, HistoryReader } from '../core/store.ts'
import { readImages } from './attachments.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, isNotNull } from './drizzle.ts'
import { type HistoryRow, readHistoryRows } from './history-rows.ts'
import type { OpenedMessage } from './known-history.ts'
import { readLast, readRowsAgain } from './last-reply.ts'
import { contentPlace } from './message-rows.ts'
import { readPast } from './past.ts'
import { readMessages } from './recalled.ts'
import { messages } from './schema.ts'
import { readSummary } from './summaries.ts'

/** More messages than most models' contexts hold: bounds the work for a room whose history was imported. */
const messagesMost = 2_000

export function createHistoryReader(context: StoreContext): HistoryReader {
  const { directory, vault, known, signal } = context

  async function openRows(rows: readonly HistoryRow[]): Promise<readonly OpenedMessage[]> {
    const items = rows.map(({ id, content }) => ({ place: contentPlace(id), sealed: content }))
    const texts = await vault.openTexts(items, signal)
    return rows.flatMap(({ content: _, ...row }, index) => {
      const text = texts[index]
      // The author was erased: their words are gone from everybody's history.
      return text === undefined ? [] : [{ ...row, text }]
    })
  }

  function authorOf(row: OpenedMessage, names: ReadonlyMap<ParticipantId, string>): Author {
    if (row.persona !== null && row.turn_id !== null) {
      const id = directory.personaBehind(row.persona) ?? personaId('somebody')
      return { kind: 'persona', id, turn: turnId(row.turn_id) }
    }
    const id = participantId(row.participant_id ?? '')
    return { kind: 'participant', id, displayName: names.get(id) ?? 'somebody' }
  }

  /** The same object from turn to turn: what is worked out for it can be kept with it. */
  const made = new WeakMap<OpenedMessage, HistoryMessage>()
  function messageOf(row: OpenedMessage, names: ReadonlyMap<ParticipantId, string>): HistoryMessage {
    const known = made.get(row)
    if (known !== undefined && isNamedStill(known.author, names)) return known
    const { id, anchor, text, said_at: saidAt } = row
    const message: HistoryMessage = { id: messageId(id), anchor, author: authorOf(row, names), text, saidAt }
    made.set(row, message)
    return message
  }

  async function withAuthors(rows: readonly OpenedMessage[]): Promise<readonly HistoryMessage[]> {
    const people = new Set<string>()
    for (const { participant_id: id } of rows) if (id !== null) people.add(id)
    const names = await directory.displayNames([...people].map(participantId))
    return rows.map((row) => messageOf(row, names))
  }

  return {
    async read(turn) {
      let place = turn.history
      let { messages: all, since } = known.find(turn)
      if (all === undefined) {
        const { rows, ...found } = await readHistoryRows(context, turn, messagesMost, since)
        place = found
        all = known.read(turn, place, since, await openRows(rows))
      }
      const { from, until } = place
      const seen = newest(
        all.filter(({ anchor, turn_id: id }) => anchor >= from && anchor <= until && id !== turn.id),
      )
      return {
        messages: await withAuthors(seen),
        historyFrom: from,
        // From the first message on there is nothing that it could tell of.
        summary: from > 1 ? turn.recall.summary : undefined,
      }
    },

    async readAgain(turn) {
      const { from } = turn.history
      const [rows, summary] = await Promise.all([
        readRowsAgain(context, turn, messagesMost),
        from > 1 ? readSummary(context, turn.room, directory.blindPersona(turn.persona)) : undefined,
      ])
      const said = newest(await openRows(rows))
      return { messages: await withAuthors(said), historyFrom: from, summary: summary?.text }
    },

    readLast: (doorway, room) => readLast(context, doorway, room),
    readMessages: (refs) => readMessages(context, refs),

    readPast: (turn) => readPast(context, turn),
    readImages: (turn, after) => readImages(context, turn, after),

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
      if (row === undefined || row.content === null) return undefined
      return await vault.openText({ place: contentPlace(row.id), sealed: row.content }, signal)
    },
  }
}

const isNamedStill = (author: Author, names: ReadonlyMap<ParticipantId, string>): boolean =>
  author.kind === 'persona' || author.displayName === (names.get(author.id) ?? 'somebody')

/**
 * A beginning that moved by some messages with every turn would leave the model's prefix cache nothing:
 * of too many the older half goes at once. It begins where an anchor begins, since that is what is
 * remembered of a cut.
 */
function newest(rows: readonly OpenedMessage[]): readonly OpenedMessage[] {
  if (rows.length < messagesMost) return rows
  const last = rows.slice(-messagesMost)
  const from = last.findIndex(
    ({ anchor }, index) => index >= messagesMost / 2 && anchor !== last[index - 1]?.anchor,
  )
  return last.slice(from)
}
