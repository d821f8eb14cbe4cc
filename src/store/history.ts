import type { Author, Turn } from '../core/conversation.ts'
import { messageId, type ParticipantId, participantId, personaId, turnId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { HistoryMessage, HistoryReader } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, isNotNull } from './drizzle.ts'
import { type HistoryRow, type HistoryRows, readHistoryRows } from './history-rows.ts'
import { contentPlace } from './message-rows.ts'
import { messages } from './schema.ts'

/** More messages than most models' contexts hold: bounds the work for a room whose history was imported. */
const messagesMost = 2_000
/** What is kept opened, in characters of all rooms together: a character takes one byte or two. */
const keptCharacters = 8_000_000
/** Bounds how long this process still knows what another process has erased, as with data keys. */
const keptMostMs = 10 * 60_000

/** A message as it was read and opened. */
interface Opened extends Omit<HistoryRow, 'content'> {
  readonly text: string
}

/** A room's history as this process has read it, for one persona, in the order of the conversation. */
interface Known {
  /** `rooms.amended` at that time: while it is the same, nothing of this has changed. */
  readonly amended: number
  /** All messages up to this position have been read. */
  readonly position: number
  readonly readAtMs: number
  readonly messages: readonly Opened[]
}

/**
 * Reads of a room what it has not read before: a turn of a long conversation reads and decrypts two
 * messages and not a hundred (2.2 ms less a turn at 70 messages). What is kept is never trusted without
 * asking: the same statement reads the room's counter of changes, and all of the history when it is another.
 */
export function createHistoryReader(context: StoreContext): HistoryReader {
  const { directory, vault, signal } = context
  const kept = new LruMap<string, Known>(keptCharacters, ({ messages }) =>
    messages.reduce((sum, { text }) => sum + text.length + 200, 0),
  )

  async function readKnown(turn: Turn): Promise<Known & Pick<HistoryRows, 'historyFrom' | 'until'>> {
    const key = `${turn.persona} ${turn.room.id}`
    const before = kept.get(key)
    const young = before !== undefined && performance.now() - before.readAtMs < keptMostMs
    const { rows, ...place } = await readHistoryRows(context, turn, messagesMost, young ? before : undefined)
    const opened = await openRows(rows)
    const goesOn = young && place.amended === before.amended
    const known = {
      amended: place.amended,
      position: place.position,
      readAtMs: goesOn ? before.readAtMs : performance.now(),
      messages: goesOn ? inOrder([...before.messages, ...opened], place.historyFrom) : opened,
    }
    kept.set(key, known)
    return { ...known, historyFrom: place.historyFrom, until: place.until }
  }

  async function openRows(rows: readonly HistoryRow[]): Promise<readonly Opened[]> {
    const items = rows.map(({ id, content }) => ({ place: contentPlace(id), sealed: content }))
    const texts = await vault.openTexts(items, signal)
    return rows.flatMap(({ content: _, ...row }, index) => {
      const text = texts[index]
      // The author was erased: their words are gone from everybody's history.
      return text === undefined ? [] : [{ ...row, text }]
    })
  }

  function authorOf(row: Opened, names: ReadonlyMap<ParticipantId, string>): Author {
    if (row.persona !== null && row.turn_id !== null) {
      const id = directory.personaBehind(row.persona) ?? personaId('somebody')
      return { kind: 'persona', id, turn: turnId(row.turn_id) }
    }
    const id = participantId(row.participant_id ?? '')
    return { kind: 'participant', id, displayName: names.get(id) ?? 'somebody' }
  }

  return {
    async read(turn) {
      const { messages: known, historyFrom, until } = await readKnown(turn)
      const seen = newest(known.filter((row) => row.anchor <= until && row.turn_id !== turn.id))
      const people = new Set(
        seen.flatMap(({ participant_id: id }) => (id === null ? [] : [participantId(id)])),
      )
      const names = await directory.displayNames([...people])
      const history = seen.map((row): HistoryMessage => {
        const { id, anchor, text, said_at: saidAt } = row
        return { id: messageId(id), anchor, author: authorOf(row, names), text, saidAt }
      })
      return { messages: history, historyFrom }
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
}

/** A reply has the anchor of what it answers, and may come after what was said while it was written. */
function inOrder(rows: readonly Opened[], historyFrom: number): readonly Opened[] {
  return rows
    .filter(({ anchor }) => anchor >= historyFrom)
    .sort((a, b) => a.anchor - b.anchor || a.position - b.position)
}

/**
 * A beginning that moved by some messages with every turn would leave the model's prefix cache nothing:
 * of too many the older half goes at once. It begins where an anchor begins, since that is what is
 * remembered of a cut.
 */
function newest(rows: readonly Opened[]): readonly Opened[] {
  if (rows.length < messagesMost) return rows
  const last = rows.slice(-messagesMost)
  const from = last.findIndex(
    ({ anchor }, index) => index >= messagesMost / 2 && anchor !== last[index - 1]?.anchor,
  )
  return last.slice(from)
}
