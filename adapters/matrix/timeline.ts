import type { OnEvent } from '../../src/core/adapter.ts'
import { HearthError, isAbort } from '../../src/core/errors.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { recordOf } from './crypto/homeserver.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import { type Decoded, decode, type EventFrame, frameOf } from './decode.ts'
import type { TellNews } from './news.ts'
import type { Room, Rooms } from './rooms.ts'
import { createTakeSaid, type SaidOptions } from './said.ts'
import type { Unreadable } from './unreadable.ts'

export interface TimelineOptions extends SaidOptions {
  readonly rooms: Rooms
  readonly crypto: MatrixCrypto
  readonly unreadable: Unreadable
  readonly ignores: (user: string) => boolean
  readonly tell: TellNews
  /** The room has been replaced by another one, or nobody is left in it. */
  readonly onUpgraded: (replacement: string, sender: string) => Promise<void>
  readonly onEmpty: (room: string) => Promise<void>
}

const failuresKept = 1_000
const triesMost = 3

/** What happened in the rooms, event by event, as the engine is told of it. */
export interface Timeline {
  /** Resolves when the engine has all of it. `inOrder`: from the oldest to the newest. */
  take(room: string, inOrder: readonly unknown[], onEvent: OnEvent, signal: AbortSignal): Promise<void>
}

export function createTimeline(options: TimelineOptions): Timeline {
  const { self, rooms, places, crypto, unreadable } = options
  const takeSaid = createTakeSaid(options)
  /** How often an event could not be taken. */
  const failures = new LruMap<string, number>(failuresKept)

  /** The event in the clear; undefined where it cannot be read, or not yet. */
  async function open(room: string, event: unknown, frame: EventFrame, signal: AbortSignal) {
    const decoded = decode(event)
    if (decoded?.kind !== 'encrypted') {
      await crypto.noteClear({ room, event: recordOf(event) }, signal)
      return decoded
    }
    const decryption = await decrypt(room, event, signal)
    if (decryption.readable) {
      options.tell({ kind: 'decrypted' })
      return decode(withOuterRelation(decryption.event, event))
    }
    options.tell({ kind: 'undecryptable', reason: decryption.reason })
    if (frame.sender !== self) await unreadable.note(room, event, decryption, signal)
    return undefined
  }

  /** A key that never came to this device may be in the backup. */
  async function decrypt(room: string, event: unknown, signal: AbortSignal) {
    const first = await crypto.decrypt(room, event, signal)
    if (first.readable || first.reason !== 'missing-key') return first
    const found = await crypto.call('fetchKey', { room, session: first.session }, signal)
    return found ? await crypto.decrypt(room, event, signal) : first
  }

  async function takeOne(
    id: string,
    event: unknown,
    room: Room,
    beforeJoin: boolean,
    onEvent: OnEvent,
    signal: AbortSignal,
  ): Promise<void> {
    const frame = frameOf(event)
    if (frame === undefined) return
    const { type, content, state_key: stateKey } = recordOf(event)
    if (stateKey !== undefined) rooms.apply(id, event)
    if (type === 'm.room.encryption' && stateKey === '') return await crypto.rooms.note(id, content)
    const decoded = await open(id, event, frame, signal)
    if (decoded === undefined) return
    if (decoded.kind === 'message') {
      places.note(frame.id, { thread: decoded.thread, ours: frame.sender === self })
    }
    if (decoded.kind === 'member') return await takeMember(id, decoded, room)
    if (frame.sender === self || options.ignores(frame.sender)) return
    if (decoded.kind === 'upgraded') return await options.onUpgraded(decoded.replacement, frame.sender)
    await takeSaid(decoded, { id, room, beforeJoin, frame }, onEvent, signal)
  }

  /** What fails of itself fails again: it must not hold up for ever what comes after it. */
  async function takeOrPassOver(...args: Parameters<typeof takeOne>): Promise<void> {
    try {
      await takeOne(...args)
    } catch (error) {
      if (isAbort(error) || (error instanceof HearthError && error.retryable)) throw error
      const [, event] = args
      const name = String(recordOf(event).event_id)
      const tries = (failures.get(name) ?? 0) + 1
      failures.set(name, tries)
      if (tries < triesMost) throw error
      options.tell({ kind: 'passed-over', error })
    }
  }

  async function takeMember(
    id: string,
    { user, membership }: Extract<Decoded, { kind: 'member' }>,
    room: Room,
  ): Promise<void> {
    if (user !== self && (membership === 'leave' || membership === 'ban') && room.empty)
      await options.onEmpty(id)
  }

  return {
    async take(id, inOrder, onEvent, signal) {
      const room = await rooms.find(id, signal)
      const joinedAt = room.kind === 'group' ? inOrder.findLastIndex((event) => isJoinOf(self, event)) : -1
      for (const [index, event] of inOrder.entries()) {
        await takeOrPassOver(id, event, room, index < joinedAt, onEvent, signal)
      }
    },
  }
}

function isJoinOf(user: string, event: unknown): boolean {
  const decoded = decode(event)
  return decoded?.kind === 'member' && decoded.user === user && decoded.membership === 'join'
}

/** The relation of an encrypted event stands outside of it, in the clear. */
function withOuterRelation(inner: Readonly<Record<string, unknown>>, outer: unknown): unknown {
  const relation = recordOf(recordOf(outer).content)['m.relates_to']
  const content = recordOf(inner.content)
  if (relation === undefined || content['m.relates_to'] !== undefined) return inner
  return { ...inner, content: { ...content, 'm.relates_to': relation } }
}
