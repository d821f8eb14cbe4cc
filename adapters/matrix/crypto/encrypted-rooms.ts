import type { AccountId } from '../../../src/core/ids.ts'
import type { AccountRecords } from '../../../src/core/store.ts'
import { roomStateUnreadable } from './errors.ts'
import { recordOf, type SendRequest } from './homeserver.ts'
import type { Rotation } from './protocol.ts'

const collection = 'encrypted-rooms'
/** More often or more seldom than this no room may ask for: a session a message is a heavy load. */
const messagesLeast = 10
const periodLeastMs = 60 * 60 * 1_000

/**
 * Which rooms are encrypted. Once a room was, it is for good, whatever the homeserver says later: so
 * nobody who can change its state can have words sent in the clear.
 */
export interface EncryptedRooms {
  /** Undefined: the room is not encrypted. Throws `room-state-unreadable`: then nothing may be sent there. */
  rotation(room: string, signal: AbortSignal): Promise<Rotation | undefined>
  /**
   * Forgets which rooms are plain: each is asked for again before anything is sent there. To be called where
   * the news that one is encrypted may be late.
   */
  doubt(): void
  /** That it is encrypted, without asking. */
  isKnown(room: string): Promise<boolean>
  /** The room's `m.room.encryption` as a sync brought it. To be called before anything is sent there. */
  note(room: string, content: unknown): Promise<void>
}

export function createEncryptedRooms(
  account: AccountId,
  records: AccountRecords,
  request: SendRequest,
): EncryptedRooms {
  /** Undefined in it: plain when it was last asked, and no sync has told otherwise since then. */
  const known = new Map<string, Rotation | undefined>()
  let read: Promise<void> | undefined

  const load = async () => {
    for (const [room, content] of await records.read(account, collection)) {
      known.set(room, rotationOf(JSON.parse(Buffer.from(content).toString())))
    }
  }
  const loaded = () => {
    read ??= load().catch((error: unknown) => {
      read = undefined
      throw error
    })
    return read
  }

  const note = async (room: string, content: unknown): Promise<Rotation> => {
    await loaded()
    const before = known.get(room)
    if (before !== undefined) return before
    const rotation = rotationOf(content)
    const value = Buffer.from(JSON.stringify(recordOf(content)))
    await records.write(account, [{ collection, key: room, value }])
    known.set(room, rotation)
    return rotation
  }

  return {
    async rotation(room, signal) {
      await loaded()
      if (known.has(room)) return known.get(room)
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption/`
      const answer = await request('GET', path, undefined, signal)
      if (answer.status === 200) return note(room, answer.body)
      if (answer.status !== 404) throw roomStateUnreadable(answer.status)
      // Where a sync has told meanwhile, that is the later word.
      if (!known.has(room)) known.set(room, undefined)
      return known.get(room)
    },
    doubt() {
      for (const [room, rotation] of known) if (rotation === undefined) known.delete(room)
    },
    async isKnown(room) {
      await loaded()
      return known.get(room) !== undefined
    },
    async note(room, content) {
      await note(room, content)
    },
  }
}

function rotationOf(content: unknown): Rotation {
  const { rotation_period_msgs: messages, rotation_period_ms: periodMs } = recordOf(content)
  const atLeast = (least: number, value: unknown) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? Math.max(least, value) : undefined
  return { messages: atLeast(messagesLeast, messages), periodMs: atLeast(periodLeastMs, periodMs) }
}
