import type { AccountId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import type { AccountRecordChange, AccountRecords } from '../../src/core/store.ts'
import { isId } from './address.ts'
import { recordOf, type SendRequest } from './crypto/homeserver.ts'

const collection = 'threads'
const keptMost = 20_000

/** What is known of one event beside its words. */
export interface EventPlace {
  readonly thread: string | undefined
  /** Whether the account itself has said it, or another persona of the house. */
  readonly by: 'self' | 'housemate' | undefined
}

/**
 * In which thread an event stands, and whether it is the account's own: an edit, a reaction and a redaction
 * name their target alone. What stands in threads is remembered for good, since a redacted event does not
 * tell it any more; the rest is asked for.
 */
export interface Places {
  note(event: string, thread: string | undefined, sender: string): void
  find(room: string, event: string, signal: AbortSignal): Promise<EventPlace>
  /** True where the account has said something in the thread, or begun it. */
  takesPart(room: string, thread: string, signal: AbortSignal): Promise<boolean>
  /** To be written with the sync's token: which events of threads have come. */
  changes(): readonly AccountRecordChange[]
}

export function createPlaces(
  account: AccountId,
  self: string,
  isHousemate: (user: string) => boolean,
  records: AccountRecords,
  request: SendRequest,
): Places {
  const known = new LruMap<string, EventPlace>(keptMost)
  const ourThreads = new LruMap<string, boolean>(keptMost)
  let remembered: Promise<ReadonlyMap<string, Uint8Array>> | undefined
  let unwritten: AccountRecordChange[] = []

  function note(event: string, thread: string | undefined, sender: string): void {
    const place = { thread, by: sayerOf(sender) }
    if (place.thread !== undefined) {
      if (known.get(event) === undefined)
        unwritten.push({ collection, key: event, value: Buffer.from(place.thread) })
      if (place.by === 'self') ourThreads.set(place.thread, true)
    }
    known.set(event, place)
  }

  const sayerOf = (sender: unknown): EventPlace['by'] =>
    sender === self ? 'self' : typeof sender === 'string' && isHousemate(sender) ? 'housemate' : undefined

  async function ask(room: string, event: string, signal: AbortSignal): Promise<unknown> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`
    const answer = await request('GET', path, undefined, signal)
    return answer.status === 200 ? answer.body : undefined
  }

  return {
    note,
    async find(room, event, signal) {
      const place = known.get(event)
      if (place !== undefined) return place
      remembered ??= records.read(account, collection)
      const thread = (await remembered).get(event)
      const { sender, content } = recordOf(await ask(room, event, signal))
      const relation = recordOf(recordOf(content)['m.relates_to'])
      const found = {
        thread:
          thread !== undefined
            ? Buffer.from(thread).toString()
            : relation.rel_type === 'm.thread' && isId(relation.event_id)
              ? relation.event_id
              : undefined,
        by: sayerOf(sender),
      }
      known.set(event, found)
      return found
    },
    async takesPart(room, thread, signal) {
      const answer = ourThreads.get(thread)
      if (answer !== undefined) return answer
      const { sender, unsigned } = recordOf(await ask(room, thread, signal))
      const summary = recordOf(recordOf(recordOf(unsigned)['m.relations'])['m.thread'])
      const takesPart = sender === self || summary.current_user_participated === true
      ourThreads.set(thread, takesPart)
      return takesPart
    },
    changes() {
      const taken = unwritten
      unwritten = []
      return taken
    },
  }
}
