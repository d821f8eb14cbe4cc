import type { Attachment, HandedFile } from './attachment.ts'
import type { Account } from './conversation.ts'
import type { InboundEvent, RoomReference } from './events.ts'
import type { ExternalId } from './ids.ts'

export interface AdapterLimits {
  /** The longest message that the platform takes, in UTF-16 code units. */
  readonly messageChars: number
  /** False: nothing is sent before the reply is complete. */
  readonly canEdit: boolean
  /** A reply that is complete after so long is sent once and whole; until then nothing of it is shown. */
  readonly graceMs: number
  /** How long a reply that has grown to so many characters rests before it is edited again. */
  readonly editPauseMs: (characters: number) => number
  /** True where people send several short messages in a row, which one reply answers together. */
  readonly bursts: boolean
  /** True where the person is the one who runs Hearth, and wants causes rather than comfort. */
  readonly operator: boolean
  /** True where what answers a command is shown to whoever gave it alone, also among others. */
  readonly answersAlone: boolean
}

/** What is shown to people. */
export interface Outgoing {
  readonly text: string
  /** `reply`: the persona speaks. `notice`: Hearth itself has something to say. */
  readonly kind: 'reply' | 'notice'
  /** False while a reply is still being written and further edits will follow. */
  readonly final: boolean
  /** Of what is not final: a later text is there. What has not left by then is left out, and the reason thrown. */
  readonly outdated?: AbortSignal
  /**
   * Goes with a message that is sent whole, to which `text` is what is written; such a message is not edited. A file
   * is somebody's own: where others could read it, `send` rejects (`not-private`); where it is too large, `file-refused`.
   */
  readonly attachment?: Attachment | HandedFile
  /** The command that a notice answers: where the platform can, it is shown to whoever gave that alone. */
  readonly answers?: ExternalId
}

/**
 * Identifies one visible thing. The same `id` sent twice must show one message, and the same `id` twice
 * in edits must change it once; a send and an edit may have the same.
 * Platforms forget such keys after a while: when `firstTriedAt` is longer ago than the platform
 * remembers, the adapter looks among its own latest messages in the room before it sends.
 */
export interface DeliveryKey {
  readonly id: string
  readonly firstTriedAt: Date
}

/**
 * Resolves when the event is durable, or, where the account is served one by one, when it is answered
 * too. Only then may the platform be told that it has been taken.
 * Rejects with a `HearthError` when it could not be stored: the platform must deliver it again.
 */
export type OnEvent = (event: InboundEvent) => Promise<void>

/**
 * One account on one platform. All methods throw `HearthError` (`who: 'platform'`) and nothing else,
 * save what an aborted signal throws.
 */
export interface Adapter extends AsyncDisposable {
  readonly account: Account
  readonly limits: AdapterLimits
  /** Connects and listens; resolves when the platform has nothing more to say (end of input, signal). */
  start(onEvent: OnEvent, signal: AbortSignal): Promise<void>
  send(room: RoomReference, content: Outgoing, key: DeliveryKey, signal: AbortSignal): Promise<ExternalId>
  /** Replaces the text of a message of ours. Called only where `limits.canEdit`. */
  edit(
    room: RoomReference,
    message: ExternalId,
    content: Outgoing,
    key: DeliveryKey,
    signal: AbortSignal,
  ): Promise<void>
  /** Takes a message of ours back. Called only where `limits.canEdit`. */
  remove(room: RoomReference, message: ExternalId, key: DeliveryKey, signal: AbortSignal): Promise<void>
  /** Shows that the persona is writing, for a few seconds or until something is sent. */
  signalTyping(room: RoomReference, signal: AbortSignal): Promise<void>
}
