import type { HistoryPlace, Room, Turn } from '../core/conversation.ts'
import type { PersonaId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { HistoryRow } from './history-rows.ts'

/** What is kept opened, in characters of all rooms together: a character takes one byte or two. */
const keptCharacters = 8_000_000
/** Ids, dates and the object itself, in characters. */
const frameCharacters = 200
/** Bounds how long this process still knows what another process has erased, as with data keys. */
const keptMostMs = 10 * 60_000

/** A message as it was read, or written, and opened. */
export interface OpenedMessage extends Omit<HistoryRow, 'content'> {
  readonly text: string
}

/** A room's history as this process has read it, for one persona. */
interface Known {
  /** `rooms.amended` at that time: while it is the same, nothing of this has changed. */
  readonly amended: number
  /** All messages up to this position are here. */
  readonly position: number
  readonly readAtMs: number
  /** In the order of the conversation. */
  readonly messages: readonly OpenedMessage[]
}

/**
 * What this process knows of its rooms' histories, so that a turn of a long conversation reads and
 * decrypts nothing that was read or written here before (3 ms less a turn at 70 messages). Never trusted
 * without asking: each claim of a turn brings the room's counters with it.
 */
export interface KnownHistories {
  /** Undefined where not enough is known: `since` is then what is. */
  find(turn: Turn): { readonly messages?: readonly OpenedMessage[]; readonly since?: Known }
  /** What was read: all of it, or what came after `since`. */
  read(
    turn: Turn,
    place: HistoryPlace,
    since: Known | undefined,
    messages: readonly OpenedMessage[],
  ): readonly OpenedMessage[]
  /** What was written here; it counts where nothing lies between it and what is known. */
  wrote(room: Room, persona: PersonaId, message: OpenedMessage): void
}

export function createKnownHistories(): KnownHistories {
  const kept = new LruMap<string, Known>(keptCharacters, ({ messages }) =>
    messages.reduce((sum, { text }) => sum + text.length + frameCharacters, 0),
  )
  const keyOf = (room: Room, persona: PersonaId) => `${persona} ${room.id}`

  return {
    find(turn) {
      const known = kept.get(keyOf(turn.room, turn.persona))
      if (known === undefined || performance.now() - known.readAtMs > keptMostMs) return {}
      const { amended, position } = turn.history
      if (known.amended !== amended || known.position < position) return { since: known }
      return { messages: known.messages }
    },

    read(turn, place, since, messages) {
      const goesOn = since !== undefined && since.amended === place.amended
      const known = {
        amended: place.amended,
        position: place.position,
        readAtMs: goesOn ? since.readAtMs : performance.now(),
        messages: goesOn ? inOrder([...since.messages, ...messages], place.from) : messages,
      }
      kept.set(keyOf(turn.room, turn.persona), known)
      return known.messages
    },

    wrote(room, persona, message) {
      const key = keyOf(room, persona)
      const known = kept.get(key)
      if (known === undefined || known.position !== message.position - 1) return
      const messages = inOrder([...known.messages, message], 0)
      kept.set(key, { ...known, position: message.position, messages })
    },
  }
}

/** A reply has the anchor of what it answers, and may come after what was said while it was written. */
function inOrder(messages: readonly OpenedMessage[], from: number): readonly OpenedMessage[] {
  return messages
    .filter(({ anchor }) => anchor >= from)
    .sort((a, b) => a.anchor - b.anchor || a.position - b.position)
}
