import type { OnEvent } from '../../src/core/adapter.ts'
import type { MessageEvent, RoomReference, SenderReference } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { toReference } from './address.ts'
import { isNamed } from './addressed.ts'
import type { Decoded, EventFrame } from './decode.ts'
import { forWhom } from './for-whom.ts'
import type { MediaStore } from './media.ts'
import type { Places } from './places.ts'
import type { Room } from './rooms.ts'

const reactionsKept = 10_000

export interface SaidOptions {
  readonly self: string
  /** What the persona is called, beside its id and the name that the account has in the room. */
  readonly personaName: string
  /** Other personas' accounts: what they say is told by whoever makes it. */
  readonly isHousemate: (user: string) => boolean
  readonly catchUpMs: number
  readonly places: Places
  readonly media: Pick<MediaStore, 'download'>
}

/** Where something was said, and under which circumstances. */
export interface Saying {
  readonly id: string
  readonly room: Room
  /** Who has come only since then, and could not read it. */
  readonly absent: ReadonlySet<string>
  /** It stands before the account's own joining of the room. */
  readonly beforeJoin: boolean
  /** False: by a key of which nobody knows whose it is. */
  readonly trusted: boolean
  /** False: by somebody who may not talk, or not `trusted`. It is not obeyed. */
  readonly allowed: boolean
  readonly frame: EventFrame
}

/** Hands what somebody said, changed or took back over to the engine. */
export type TakeSaid = (said: Decoded, saying: Saying, onEvent: OnEvent, signal: AbortSignal) => Promise<void>

export function createTakeSaid(options: SaidOptions): TakeSaid {
  const { self, places } = options
  /** Redactions of these take nothing away that anybody said. */
  const reactions = new LruMap<string, true>(reactionsKept)

  async function isAddressed(
    id: string,
    message: Extract<Decoded, { kind: 'message' }>,
    room: Room,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (isNamed(message, self, [options.personaName, room.nameOf(self)])) return true
    if (message.replyTo !== undefined && (await places.find(id, message.replyTo, signal)).by === 'self')
      return true
    return message.thread !== undefined && (await places.takesPart(id, message.thread, signal))
  }

  async function whoIsMeant(
    id: string,
    { name, mentions, replyTo }: Extract<Decoded, { kind: 'command' }>,
    room: Room,
    signal: AbortSignal,
  ): Promise<ReturnType<typeof forWhom>> {
    if (room.kind === 'direct') return 'self'
    const answers = replyTo === undefined ? undefined : (await places.find(id, replyTo, signal)).by
    return forWhom({ name, mentions, answers }, self, room.personas())
  }

  /** Overheard pictures are loaded as well: somebody may ask about them. Those of strangers are not. */
  async function withMedia(
    { media, text }: Extract<Decoded, { kind: 'message' }>,
    wanted: boolean,
    signal: AbortSignal,
  ): Promise<Pick<MessageEvent, 'text' | 'attachments'>> {
    if (media === undefined || !wanted) return { text }
    const attachment = await options.media.download(media, signal)
    return attachment === undefined ? { text: media.textIfLost } : { text, attachments: [attachment] }
  }

  return async (decoded, { id, room, absent, beforeJoin, trusted, allowed, frame }, onEvent, signal) => {
    const in_ = (thread: string | undefined): RoomReference =>
      toReference({ room: id, kind: room.kind, thread })
    const sender: SenderReference = {
      externalId: externalId(frame.sender),
      displayName: room.nameOf(frame.sender),
    }
    const base = { sender, at: frame.at }
    const presentIn = ({ readers }: Room) =>
      readers().flatMap((user) =>
        user === self || options.isHousemate(user) || absent.has(user) ? [] : [externalId(user)],
      )
    const own = externalId(frame.id)
    switch (decoded.kind) {
      case 'message': {
        const neverAnswered = !allowed || beforeJoin || isStale(frame, options.catchUpMs)
        const heard =
          neverAnswered || (room.kind === 'group' && !(await isAddressed(id, decoded, room, signal)))
        const toAll =
          heard && !neverAnswered && decoded.mentions.length === 0 && decoded.replyTo === undefined
        return await onEvent({
          ...base,
          kind: 'message',
          room: in_(decoded.thread),
          externalId: own,
          ...(await withMedia(decoded, !neverAnswered, signal)),
          ...(heard && { unanswered: true }),
          ...(toAll && { toAll }),
          ...(room.kind === 'group' && { present: presentIn(room), readsBefore: room.readsBefore }),
        })
      }
      case 'command': {
        if (!allowed || beforeJoin || isStale(frame, options.catchUpMs)) return
        const whom = await whoIsMeant(id, decoded, room, signal)
        if (whom === 'other') return
        return await onEvent({
          ...base,
          kind: 'command',
          externalId: own,
          room: in_(decoded.thread),
          name: decoded.name,
          ...(decoded.text !== undefined && { text: decoded.text }),
          ...(whom === 'all' && { toAll: true }),
        })
      }
      case 'edit': {
        // Whoever has the key might put other words in the place of somebody's own.
        if (!trusted) return
        const { thread } = await places.find(id, decoded.target, signal)
        const target = externalId(decoded.target)
        return await onEvent({
          ...base,
          kind: 'edit',
          externalId: own,
          room: in_(thread),
          target,
          text: decoded.text,
          ...(!allowed && { unanswered: true }),
        })
      }
      case 'reaction': {
        reactions.set(frame.id, true)
        const { thread, by } = await places.find(id, decoded.target, signal)
        if (!allowed || by !== 'self' || isStale(frame, options.catchUpMs)) return
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
        if (reactions.get(decoded.target) === true) return
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
}

/** Said so long ago that an answer would come out of nowhere. It is kept, and nobody answers. */
function isStale({ at, ageMs }: EventFrame, catchUpMs: number): boolean {
  return (ageMs ?? Date.now() - at.getTime()) > catchUpMs
}
