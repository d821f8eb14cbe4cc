import type { AccountId } from '../../src/core/ids.ts'
import type { AccountRecordChange, AccountRecords } from '../../src/core/store.ts'
import { recordOf } from './crypto/homeserver.ts'
import type { Decryption, SessionName, UnreadableReason } from './crypto/protocol.ts'

const collection = 'unreadable'
/** A homeserver could send no end of such events. */
const keptMost = 2_000

interface Waiting {
  readonly room: string
  readonly session: string
  readonly event: unknown
}

/**
 * Encrypted events that could not be read when they came. They are kept as they are, across restarts, and
 * taken again when their key arrives. The room hears of each session once.
 */
export interface Unreadable {
  note(
    room: string,
    event: unknown,
    decryption: Extract<Decryption, { readable: false }>,
    signal: AbortSignal,
  ): Promise<void>
  /** Those that wait for one of these sessions, in the order in which they came. */
  waitingFor(
    sessions: readonly SessionName[],
  ): Promise<readonly { readonly room: string; readonly event: unknown }[]>
  /** All for which something waits. */
  sessions(): Promise<readonly SessionName[]>
  /** How many wait. */
  count(): Promise<number>
  /** It was taken. */
  done(event: unknown): Promise<void>
}

/** The same, for who does not serve the account. */
export async function countUnreadable(account: AccountId, records: AccountRecords): Promise<number> {
  return (await records.read(account, collection)).size
}

export function createUnreadable(
  account: AccountId,
  records: AccountRecords,
  tellRoom: (room: string, reason: UnreadableReason, signal: AbortSignal) => Promise<void>,
): Unreadable {
  let reading: Promise<Map<string, Waiting>> | undefined
  const told = new Set<string>()

  function all(): Promise<Map<string, Waiting>> {
    reading ??= records
      .read(account, collection)
      .then(
        (found) =>
          new Map(
            [...found].map(([id, value]) => [id, JSON.parse(Buffer.from(value).toString()) as Waiting]),
          ),
      )
    return reading
  }

  async function write(id: string, waiting: Waiting | undefined): Promise<void> {
    const value = waiting === undefined ? undefined : Buffer.from(JSON.stringify(waiting))
    const change: AccountRecordChange = { collection, key: id, value }
    await records.write(account, [change])
  }

  return {
    async note(room, event, { reason, session }, signal) {
      const waiting = await all()
      const id = String(recordOf(event).event_id)
      const name = `${room} ${session}`
      const known =
        told.has(name) || [...waiting.values()].some((each) => `${each.room} ${each.session}` === name)
      // It will never be readable, whatever comes.
      if (reason === 'malformed') return
      if (!waiting.has(id) && waiting.size < keptMost) {
        waiting.set(id, { room, session, event })
        await write(id, { room, session, event })
      }
      told.add(name)
      if (!known) void tellRoom(room, reason, signal)
    },
    sessions: async () => [...(await all()).values()].map(({ room, session }) => ({ room, session })),
    count: async () => (await all()).size,
    async waitingFor(sessions) {
      const names = new Set(sessions.map(({ room, session }) => `${room} ${session}`))
      return [...(await all()).values()].filter(({ room, session }) => names.has(`${room} ${session}`))
    },
    async done(event) {
      const id = String(recordOf(event).event_id)
      if ((await all()).delete(id)) await write(id, undefined)
    },
  }
}
