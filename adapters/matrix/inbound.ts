import type { OnEvent } from '../../src/core/adapter.ts'
import { type AccountId, externalId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { toReference } from './address.ts'
import { eventsSince } from './catch-up.ts'
import { recordOf, type SendRequest } from './crypto/homeserver.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import type { SessionName } from './crypto/protocol.ts'
import type { Invites } from './invites.ts'
import type { Places } from './places.ts'
import { eventsIn, type Rooms, roomsIn } from './rooms.ts'
import { syncChanges } from './sync-changes.ts'
import { createTimeline, type TimelineOptions } from './timeline.ts'

export interface InboundOptions extends Omit<TimelineOptions, 'onUpgraded' | 'onEmpty'> {
  readonly account: AccountId
  readonly records: AccountRecords
  readonly request: SendRequest
  readonly rooms: Rooms
  readonly places: Places
  readonly crypto: MatrixCrypto
  readonly invites: Invites
  /** Sessions whose keys have come, to be emptied by whoever looks. */
  readonly arrived: SessionName[]
}

/** What a sync brings, as the engine is told of it. Resolves when all of it is durable. */
export type TakeSync = (sync: Readonly<Record<string, unknown>>, since: string | undefined) => Promise<void>

export function createInbound(options: InboundOptions, onEvent: OnEvent, signal: AbortSignal): TakeSync {
  const { self, account, records, request, rooms, places, crypto, invites, unreadable } = options
  const timeline = createTimeline({
    ...options,
    onUpgraded: (replacement, by) => invites.follow(replacement, by, onEvent, signal),
    onEmpty: (room) => invites.leave(room, undefined, signal),
  })

  async function takeRoom(room: string, section: unknown, since: string | undefined): Promise<void> {
    for (const event of eventsIn(recordOf(section).state)) {
      rooms.apply(room, event)
      const { type, content, state_key: stateKey } = recordOf(event)
      if (type === 'm.room.encryption' && stateKey === '') await crypto.rooms.note(room, content)
    }
    const events = await eventsSince(room, section, since, request, signal)
    // At first all rooms come whole, and most of them were joined long ago.
    if (since !== undefined) await invites.makeUp(room, events, onEvent, signal)
    await timeline.take(room, events, onEvent, signal)
    const last = recordOf(events.findLast((event) => recordOf(event).sender !== self)).event_id
    if (typeof last === 'string') void markRead(room, last)
  }

  /** Whoever decided it: nothing is answered there any more. In which of its kinds it was, nobody tells now. */
  async function leftRoom(room: string): Promise<void> {
    rooms.forget(room)
    const sender = { externalId: externalId(self), displayName: self }
    for (const kind of ['direct', 'group'] as const) {
      const reference = toReference({ room, kind, thread: undefined })
      await onEvent({ kind: 'membership', change: 'left', room: reference, sender, at: new Date() })
    }
  }

  /** A courtesy: when it fails, nothing is lost. */
  async function markRead(room: string, event: string): Promise<void> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(event)}`
    await request('POST', path, {}, signal).catch(() => undefined)
  }

  /** What waited for a key that has come now. */
  async function takeAgain(): Promise<void> {
    const sessions = options.arrived.splice(0)
    if (sessions.length === 0) return
    for (const { room, event } of await unreadable.waitingFor(sessions)) {
      await timeline.take(room, [event], onEvent, signal)
      await unreadable.done(event)
    }
  }

  return async (sync, since) => {
    // Before the timeline: the keys to what stands there may be in it.
    const keys = syncChanges(sync)
    await crypto.receiveSync(keys, signal)
    await takeAgain()
    const { invite, join, leave } = recordOf(sync.rooms)
    await Promise.all([
      ...roomsIn(invite).map(([room, section]) => invites.take(room, section, onEvent, signal)),
      ...roomsIn(join).map(([room, section]) => takeRoom(room, section, since)),
      ...roomsIn(leave).map(([room]) => leftRoom(room)),
    ])
    const changes = places.changes()
    if (changes.length > 0) await records.write(account, changes)
    const { signed_curve25519: oneTimeKeys } = keys.oneTimeKeys
    options.tell({ kind: 'keys', oneTimeKeys, waiting: await unreadable.count() })
  }
}
