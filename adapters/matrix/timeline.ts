import type { OnEvent } from '../../src/core/adapter.ts'
import type { RoomReference, SenderReference } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import { toReference } from './address.ts'
import { isNamed } from './addressed.ts'
import { recordOf } from './crypto/homeserver.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import { type Decoded, decode, type EventFrame, frameOf } from './decode.ts'
import type { TellNews } from './news.ts'
import type { Places } from './places.ts'
import type { Room, Rooms } from './rooms.ts'
import type { Unreadable } from './unreadable.ts'

export interface TimelineOptions {
  readonly self: string
  /** What the persona is called, beside its id and the name that the account has in the room. */
  readonly personaName: string
  readonly catchUpMs: number
  readonly rooms: Rooms
  readonly places: Places
  readonly crypto: MatrixCrypto
  readonly unreadable: Unreadable
  readonly mayTalk: (user: string) => Promise<boolean>
  readonly ignores: (user: string) => boolean
  readonly tell: TellNews
  /** The room has been replaced by another one, or nobody is left in it. */
  readonly onUpgraded: (room: string, replacement: string, sender: string) => Promise<void>
  readonly onEmpty: (room: string) => Promise<void>
}

/** What happened in the rooms, event by event, as the engine is told of it. */
export interface Timeline {
  /** Resolves when the engine has all of it. `inOrder`: from the oldest to the newest. */
  take(room: string, inOrder: readonly unknown[], onEvent: OnEvent, signal: AbortSignal): Promise<void>
}

export function createTimeline(options: TimelineOptions): Timeline {
  const { self, rooms, places, crypto, unreadable } = options
  /** Redactions of these take nothing away that anybody said. */
  const reactions = new Set<string>()

  /** The event in the clear; undefined where it cannot be read, or not yet. */
  async function open(room: string, event: unknown, frame: EventFrame, signal: AbortSignal) {
    const decoded = decode(event)
    if (decoded?.kind !== 'encrypted') return decoded
    const decryption = await crypto.decrypt(room, event, signal)
    if (decryption.readable) {
      options.tell({ kind: 'decrypted' })
      return decode(withOuterRelation(decryption.event, event))
    }
    options.tell({ kind: 'undecryptable', reason: decryption.reason })
    if (frame.sender !== self) await unreadable.note(room, event, decryption, signal)
    return undefined
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
    if (decoded.kind === 'reaction') reactions.add(frame.id)
    if (decoded.kind === 'message') {
      places.note(frame.id, { thread: decoded.thread, ours: frame.sender === self })
    }
    if (decoded.kind === 'member') return await takeMember(id, decoded, room)
    if (frame.sender === self || options.ignores(frame.sender)) return
    if (decoded.kind === 'upgraded') return await options.onUpgraded(id, decoded.replacement, frame.sender)
    await takeSaid(id, decoded, frame, room, beforeJoin, onEvent, signal)
  }

  async function takeMember(
    id: string,
    { user, membership }: Extract<Decoded, { kind: 'member' }>,
    room: Room,
  ): Promise<void> {
    if (user !== self && (membership === 'leave' || membership === 'ban') && room.empty)
      await options.onEmpty(id)
  }

  async function takeSaid(
    id: string,
    decoded: Decoded,
    frame: EventFrame,
    room: Room,
    beforeJoin: boolean,
    onEvent: OnEvent,
    signal: AbortSignal,
  ): Promise<void> {
    const allowed = await options.mayTalk(frame.sender)
    const in_ = (thread: string | undefined): RoomReference =>
      toReference({ room: id, kind: room.kind, thread })
    const sender: SenderReference = {
      externalId: externalId(frame.sender),
      displayName: room.nameOf(frame.sender),
    }
    const base = { sender, at: frame.at }
    const own = externalId(frame.id)
    switch (decoded.kind) {
      case 'message': {
        const heard =
          !allowed ||
          beforeJoin ||
          isStale(frame, options.catchUpMs) ||
          (room.kind === 'group' && !(await isAddressed(id, decoded, room, signal)))
        return await onEvent({
          ...base,
          kind: 'message',
          room: in_(decoded.thread),
          externalId: own,
          text: decoded.text,
          ...(heard && { unanswered: true }),
        })
      }
      case 'command':
        if (!allowed || beforeJoin || isStale(frame, options.catchUpMs)) return
        return await onEvent({
          ...base,
          kind: 'command',
          externalId: own,
          room: in_(decoded.thread),
          name: decoded.name,
        })
      case 'edit': {
        const { thread } = await places.find(id, decoded.target, signal)
        const target = externalId(decoded.target)
        return await onEvent({
          ...base,
          kind: 'edit',
          externalId: own,
          room: in_(thread),
          target,
          text: decoded.text,
        })
      }
      case 'reaction': {
        const { thread, ours } = await places.find(id, decoded.target, signal)
        if (!allowed || !ours || isStale(frame, options.catchUpMs)) return
        const target = externalId(decoded.target)
        return await onEvent({
          ...base,
          kind: 'reaction',
          externalId: own,
          room: in_(thread),
          target,
          emoji: decoded.emoji,
        })
      }
      case 'redaction': {
        if (reactions.delete(decoded.target)) return
        const { thread } = await places.find(id, decoded.target, signal)
        return await onEvent({
          ...base,
          kind: 'redaction',
          room: in_(thread),
          target: externalId(decoded.target),
        })
      }
    }
  }

  async function isAddressed(
    id: string,
    message: Extract<Decoded, { kind: 'message' }>,
    room: Room,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (isNamed(message, self, [options.personaName, room.nameOf(self)])) return true
    if (message.replyTo !== undefined && (await places.find(id, message.replyTo, signal)).ours) return true
    return message.thread !== undefined && (await places.takesPart(id, message.thread, signal))
  }

  return {
    async take(id, inOrder, onEvent, signal) {
      const room = await rooms.find(id, signal)
      const joinedAt = room.kind === 'group' ? inOrder.findLastIndex((event) => isJoinOf(self, event)) : -1
      for (const [index, event] of inOrder.entries()) {
        await takeOne(id, event, room, index < joinedAt, onEvent, signal)
      }
    },
  }
}

/** Said so long ago that an answer would come out of nowhere. It is kept, and nobody answers. */
function isStale({ at, ageMs }: EventFrame, catchUpMs: number): boolean {
  return (ageMs ?? Date.now() - at.getTime()) > catchUpMs
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
