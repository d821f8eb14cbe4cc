import type { OnEvent } from '../../src/core/adapter.ts'
import { type AccountId, externalId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { toReference } from './address.ts'
import { eventsSince, type Since } from './catch-up.ts'
import { recordOf, type SendRequest } from './crypto/homeserver.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import type { SessionName } from './crypto/protocol.ts'
import { isEncryption } from './decode.ts'
import type { Invites } from './invites.ts'
import { createPassOver } from './pass-over.ts'
import type { Places } from './places.ts'
import { eventsIn, type Rooms, roomsIn } from './rooms.ts'
import { syncChanges } from './sync-changes.ts'
import { createTimeline, type TimelineOptions } from './timeline.ts'

export interface InboundOptions extends Omit<TimelineOptions, 'onUpgraded' | 'onEmpty' | 'orPassOver'> {
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
export type TakeSync = (sync: Readonly<Record<string, unknown>>, since: Since) => Promise<void>

export function createInbound(options: InboundOptions, onEvent: OnEvent, signal: AbortSignal): TakeSync {
  const { self, account, records, request, rooms, places, crypto, invites, unreadable } = options
  const orPassOver = createPassOver(options.tell)
  const timeline = createTimeline({
    ...options,
    orPassOver,
    onUpgraded: (replacement, by) => invites.follow(replacement, by, onEvent, signal),
    onEmpty: (room) => invites.leave(room, undefined, signal),
  })

  async function noteEncryption(room: string, section: unknown): Promise<void> {
    const { state, timeline: latest } = recordOf(section)
    for (const event of [...eventsIn(state), ...eventsIn(latest)]) {
      if (isEncryption(event)) await crypto.rooms.note(room, recordOf(event).content)
    }
  }

  async function takeRoom(room: string, section: unknown, since: Since): Promise<void> {
    for (const event of eventsIn(recordOf(section).state)) rooms.apply(room, event)
    const events = await eventsSince(room, section, since, options.catchUpMs, request, signal)
    // At first all rooms come whole, and most of them were joined long ago.
    if (since !== 'nowhere') await invites.makeUp(room, events, onEvent, signal)
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

  let begun = false

  /** What waited for a key that has come now. */
  async function takeAgain(): Promise<void> {
    // What arrived before the last stop, and was not taken by then, nobody tells again.
    if (!begun) options.arrived.push(...(await unreadable.sessions()))
    begun = true
    const sessions = options.arrived.slice()
    if (sessions.length === 0) return
    for (const { room, event } of await unreadable.waitingFor(sessions)) {
      await orPassOver(`waiting ${room}`, () => timeline.take(room, [event], onEvent, signal))
    }
    options.arrived.splice(0, sessions.length)
  }

  return async (sync, since) => {
    // First of all: from here on nothing is sent there in the clear.
    for (const [room, section] of roomsIn(recordOf(sync.rooms).join)) await noteEncryption(room, section)
    // Before the timeline: the keys to what stands there may be in it.
    const keys = syncChanges(sync)
    await crypto.receiveSync(keys, signal)
    await takeAgain()
    const { invite, join, leave } = recordOf(sync.rooms)
    await Promise.all([
      ...roomsIn(invite).map(([room, section]) =>
        orPassOver(`invitation ${room}`, () => invites.take(room, section, onEvent, signal)),
      ),
      ...roomsIn(join).map(([room, section]) =>
        orPassOver(`room ${room}`, () => takeRoom(room, section, since)),
      ),
      ...roomsIn(leave).map(([room]) => orPassOver(`left ${room}`, () => leftRoom(room))),
    ])
    const changes = places.changes()
    if (changes.length > 0) await records.write(account, changes)
    const { signed_curve25519: oneTimeKeys } = keys.oneTimeKeys
    options.tell({ kind: 'keys', oneTimeKeys, waiting: await unreadable.count() })
  }
}
