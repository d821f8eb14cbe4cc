import type { OnEvent } from '../../src/core/adapter.ts'
import { recordOf } from './crypto/homeserver.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import { type Decoded, decode, frameOf, isEncryption, saysMembership } from './decode.ts'
import { newcomersAfter } from './newcomers.ts'
import type { TellNews } from './news.ts'
import type { OrPassOver } from './pass-over.ts'
import type { Room, Rooms } from './rooms.ts'
import { createTakeSaid, type SaidOptions } from './said.ts'
import type { Unreadable } from './unreadable.ts'

export interface TimelineOptions extends SaidOptions {
  readonly rooms: Rooms
  readonly crypto: MatrixCrypto
  readonly unreadable: Unreadable
  readonly ignores: (user: string) => boolean
  readonly mayTalk: (user: string) => Promise<boolean>
  readonly tell: TellNews
  readonly orPassOver: OrPassOver
  /** The room has been replaced by another one, or nobody is left in it. */
  readonly onUpgraded: (replacement: string, sender: string) => Promise<void>
  readonly onEmpty: (room: string) => Promise<void>
}

interface Circumstances {
  readonly beforeJoin: boolean
  readonly clearIsForged: boolean
  /** Who has come only since then. */
  readonly absent: ReadonlySet<string>
}

/** What happened in the rooms, event by event, as the engine is told of it. */
export interface Timeline {
  /** Resolves when the engine has all of it. `inOrder`: from the oldest to the newest. */
  take(room: string, inOrder: readonly unknown[], onEvent: OnEvent, signal: AbortSignal): Promise<void>
}

export function createTimeline(options: TimelineOptions): Timeline {
  const { self, rooms, places, crypto, unreadable, orPassOver } = options
  const takeSaid = createTakeSaid(options)

  /**
   * The event in the clear; undefined where it cannot be read, or not yet, or must not be believed.
   * `trusted`: it is known which device it came from.
   */
  async function open(
    room: string,
    event: unknown,
    { clearIsForged, heeds }: { readonly clearIsForged: boolean; readonly heeds: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly decoded: Decoded; readonly trusted: boolean } | undefined> {
    const decoded = decode(event)
    if (decoded?.kind !== 'encrypted') {
      await crypto.noteClear({ room, event: recordOf(event) }, signal)
      const words = decoded?.kind === 'message' || decoded?.kind === 'command' || decoded?.kind === 'edit'
      // Anybody between the person and us could have written it.
      return decoded === undefined || (words && clearIsForged) ? undefined : { decoded, trusted: true }
    }
    const decryption = await decrypt(room, event, signal)
    if (decryption.readable) {
      options.tell({ kind: 'decrypted' })
      // Whatever else a room knows is never encrypted: the homeserver checks who may send it.
      if (decryption.event.type !== 'm.room.message') return undefined
      const inner = decode(withOuterRelation(decryption.event, event))
      return inner && { decoded: inner, trusted: decryption.sender === 'cross-signed' }
    }
    options.tell({ kind: 'undecryptable', reason: decryption.reason })
    if (heeds) await unreadable.note(room, event, decryption, signal)
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
    { beforeJoin, clearIsForged, absent }: Circumstances,
    onEvent: OnEvent,
    signal: AbortSignal,
  ): Promise<void> {
    const frame = frameOf(event)
    if (frame === undefined) return
    const { content, state_key: stateKey } = recordOf(event)
    if (stateKey !== undefined) rooms.apply(id, event)
    if (isEncryption(event)) return await crypto.rooms.note(id, content)
    const { sender } = frame
    const heard = sender !== self && !options.ignores(sender) && !options.isHousemate(sender)
    const mayTalk = heard && (await options.mayTalk(frame.sender))
    const heeds = mayTalk && !beforeJoin
    const opened = await open(id, event, { clearIsForged, heeds }, signal)
    if (opened === undefined) return
    const { decoded, trusted } = opened
    if (decoded.kind === 'message') {
      places.note(frame.id, decoded.thread, frame.sender)
    }
    if (decoded.kind === 'member') return await takeMember(id, decoded, room)
    if (!heard) return
    if (decoded.kind === 'upgraded') {
      if (heeds) await options.onUpgraded(decoded.replacement, frame.sender)
      return
    }
    await takeSaid(
      decoded,
      { id, room, absent, beforeJoin, trusted, allowed: trusted && mayTalk, frame },
      onEvent,
      signal,
    )
    await unreadable.done(event)
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
      const joinedAt =
        room.kind === 'group' ? inOrder.findLastIndex((event) => saysMembership(event, self, 'join')) : -1
      const encrypted = await crypto.rooms.isKnown(id)
      const encryptedAt = inOrder.findLastIndex(isEncryption)
      const newcomers = newcomersAfter(inOrder)
      for (const [index, event] of inOrder.entries()) {
        const circumstances = {
          beforeJoin: index < joinedAt,
          clearIsForged: encrypted && index > encryptedAt,
          absent: newcomers(index),
        }
        await orPassOver(String(recordOf(event).event_id), () =>
          takeOne(id, event, room, circumstances, onEvent, signal),
        )
      }
    },
  }
}

/** The relation of an encrypted event stands outside of it, in the clear. */
function withOuterRelation(inner: Readonly<Record<string, unknown>>, outer: unknown): unknown {
  const relation = recordOf(recordOf(outer).content)['m.relates_to']
  const content = recordOf(inner.content)
  if (relation === undefined || content['m.relates_to'] !== undefined) return inner
  return { ...inner, content: { ...content, 'm.relates_to': relation } }
}
