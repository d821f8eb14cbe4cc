import type { HistoryPlace, Room, Turn } from '../core/conversation.ts'
import type { OwnerId, PersonaId } from '../core/ids.ts'
import { type Aged, isDue, isTooOld } from '../core/kept-age.ts'
import { LruMap } from '../core/lru-map.ts'
import type { HistoryRow } from './history-rows.ts'

/** What is kept opened, in characters of all rooms together: a character takes one byte or two. */
const keptCharacters = 8_000_000
/** Ids, dates and the object itself, in characters. */
const frameCharacters = 200

/** A message as it was read, or written, and opened. */
export interface OpenedMessage extends Omit<HistoryRow, 'content'> {
  readonly text: string
}

/** A room's history as this process has read it, for one persona. */
interface Known extends Aged {
  readonly owner: OwnerId
  /** `rooms.amended` at that time: while it is the same, nothing of this has changed. */
  readonly amended: number
  /** All messages up to this position are here. */
  readonly position: number
  /** Since where, as in `HistoryPlace`. */
  readonly from: number
  /** In the order of the conversation. */
  readonly messages: readonly OpenedMessage[]
  readonly characters: number
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
  /** Somebody was erased. */
  clear(): void
  /** Some of what stands in rooms of theirs was forgotten. */
  letGoOf(owners: ReadonlySet<OwnerId>): void
  /** Lets go of what is too old, asked for or not. `nowMs`: by `performance.now()`. */
  sweep(nowMs: number): void
}

export function createKnownHistories(): KnownHistories {
  const kept = new LruMap<string, Known>(keptCharacters, ({ characters }) => characters)
  const keyOf = (room: Room, persona: PersonaId) => `${persona} ${room.id}`

  function keep(key: string, known: Omit<Known, 'characters'>): readonly OpenedMessage[] {
    const characters = known.messages.reduce((sum, { text }) => sum + text.length + frameCharacters, 0)
    kept.set(key, { ...known, characters })
    return known.messages
  }

  return {
    find(turn) {
      const key = keyOf(turn.room, turn.persona)
      const known = kept.get(key)
      if (known === undefined || isTooOld(known, performance.now())) return {}
      const { amended, position, from } = turn.history
      if (known.amended !== amended || known.position < position) return { since: known }
      if (known.from >= from) return { messages: known.messages }
      const messages = known.messages.filter(({ anchor }) => anchor >= from)
      return { messages: keep(key, { ...known, from, messages }) }
    },

    read(turn, { amended, position, from }, since, messages) {
      const goesOn = since !== undefined && since.amended === amended
      return keep(keyOf(turn.room, turn.persona), {
        owner: turn.room.owner,
        amended,
        position,
        from,
        readAtMs: goesOn ? since.readAtMs : performance.now(),
        messages: goesOn
          ? [...since.messages, ...messages].filter(({ anchor }) => anchor >= from).sort(byOrder)
          : messages,
      })
    },

    wrote(room, persona, message) {
      const key = keyOf(room, persona)
      const known = kept.get(key)
      if (known === undefined || known.position !== message.position - 1) return
      const messages = [...known.messages, message]
      const before = known.messages.at(-1)
      if (before !== undefined && byOrder(before, message) > 0) messages.sort(byOrder)
      const characters = known.characters + message.text.length + frameCharacters
      kept.set(key, { ...known, position: message.position, messages, characters })
    },

    clear: () => kept.clear(),
    letGoOf: (owners) => kept.dropWhere(({ owner }) => owners.has(owner)),
    sweep: (nowMs) => kept.dropWhere((known) => isDue(known, nowMs)),
  }
}

/** A reply has the anchor of what it answers, and may come after what was said while it was written. */
const byOrder = (a: OpenedMessage, b: OpenedMessage) => a.anchor - b.anchor || a.position - b.position
