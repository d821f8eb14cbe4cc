import type { PlainError } from './errors.ts'
import type { Answer, Method } from './homeserver.ts'
import type { RecordChange } from './journal.ts'
import type { IdentityStatus } from './status.ts'

/** What the part of a sync's answer says that concerns encryption, as the homeserver sent it. */
export interface SyncChanges {
  readonly toDevice: readonly unknown[]
  readonly changedUsers: readonly string[]
  readonly leftUsers: readonly string[]
  readonly oneTimeKeys: Readonly<Record<string, number>>
  /** Undefined: the homeserver does not know fallback keys. */
  readonly unusedFallbackKeys: readonly string[] | undefined
}

/** An event of a room, in the clear. */
export interface RoomEvent {
  readonly room: string
  readonly event: Readonly<Record<string, unknown>>
}

/** One verification by emoji. */
export interface VerificationName {
  readonly user: string
  readonly flow: string
}

export interface EncryptOrder {
  readonly room: string
  readonly type: string
  readonly content: Readonly<Record<string, unknown>>
  /** Who is to be able to read it: who has joined, and perhaps who is invited. */
  readonly members: readonly string[]
  readonly rotation: Rotation
}

/** After how much a room's session is replaced, as the room asks for. */
export interface Rotation {
  readonly messages: number | undefined
  readonly periodMs: number | undefined
}

/** What the crypto thread can be asked. Each takes one argument and gives one value, both plain data. */
export interface CryptoMethods {
  receiveSync(changes: SyncChanges): Promise<void>
  encrypt(order: EncryptOrder): Promise<Record<string, unknown>>
  decrypt(order: { readonly room: string; readonly event: unknown }): Promise<Decryption>
  trackMembers(users: readonly string[]): Promise<void>
  setUp(order: {
    readonly password: string | undefined
    /** To be durable with the caller beforehand. */
    readonly recoveryKey: string
  }): Promise<{ readonly recoveryKey: string | undefined }>
  recover(order: { readonly recoveryKey: string }): Promise<{ readonly keys: number }>
  reset(order: { readonly password: string | undefined }): Promise<{ readonly recoveryKey: string }>
  renewRecoveryKey(order: undefined): Promise<{ readonly recoveryKey: string }>
  resetBackup(order: undefined): Promise<{ readonly recoveryKey: string }>
  /** Looks for a session's key in the backup. */
  fetchKey(session: SessionName): Promise<boolean>
  status(order: undefined): Promise<IdentityStatus>
  /** Answers the verifications that this user begins, from now on. */
  expectVerification(user: string): Promise<void>
  receiveVerification(event: RoomEvent): Promise<void>
  startVerification(target: { readonly user: string; readonly device: string }): Promise<void>
  startVerificationInRoom(target: { readonly user: string; readonly room: string }): Promise<void>
  decideVerification(decision: VerificationName & { readonly match: boolean }): Promise<void>
}

export type CryptoMethod = keyof CryptoMethods
export type Argument<M extends CryptoMethod> = Parameters<CryptoMethods[M]>[0]
export type Result<M extends CryptoMethod> = Awaited<ReturnType<CryptoMethods[M]>>

export type Decryption =
  | {
      readonly readable: true
      /** The event as its sender wrote it, with the id, time and sender that the homeserver tells. */
      readonly event: Readonly<Record<string, unknown>>
      readonly session: string
      /**
       * `cross-signed`: from a device that its owner has signed. `unauthenticated`: by a key from the backup
       * or from an export; good for reading what was said, not for obeying it.
       */
      readonly sender: 'cross-signed' | 'unauthenticated'
    }
  | { readonly readable: false; readonly reason: UnreadableReason; readonly session: string }

/**
 * `missing-key`: may still come. `unsigned-device`: its owner has not verified the device it came from.
 * `withheld`: the sender's client does not trust this account's device. `malformed`: never readable.
 */
export type UnreadableReason = 'missing-key' | 'unsigned-device' | 'withheld' | 'malformed'

export interface SessionName {
  readonly room: string
  readonly session: string
}

/** What the crypto thread tells by itself. */
export type CryptoNews =
  | { readonly kind: 'keys-came'; readonly sessions: readonly SessionName[] }
  /** To be compared with what the other device shows; then `decideVerification`. */
  | (VerificationName & {
      readonly kind: 'emoji'
      readonly device: string
      readonly emoji: readonly { readonly symbol: string; readonly description: string }[]
    })
  | (VerificationName & {
      readonly kind: 'verification-ended'
      readonly outcome: 'done' | 'cancelled'
    })
  /** Once for each stretch of failures; not where the homeserver is away. */
  | { readonly kind: 'backup-failed'; readonly error: PlainError }

/** A message of the verification's own, to be encrypted where its room is. */
export interface RoomMessage {
  readonly room: string
  readonly type: string
  readonly content: Readonly<Record<string, unknown>>
  readonly transaction: string
}

export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly method: CryptoMethod; readonly argument: unknown }
  | { readonly kind: 'written'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'no-answer'; readonly id: number; readonly error: PlainError }

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly error: PlainError }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: PlainError }
  | { readonly kind: 'write'; readonly id: number; readonly changes: readonly RecordChange[] }
  | {
      readonly kind: 'request'
      readonly id: number
      readonly method: Method
      readonly path: string
      readonly body: unknown
    }
  /** Answered like a request. */
  | { readonly kind: 'room-message'; readonly id: number; readonly message: RoomMessage }
  | { readonly kind: 'news'; readonly news: CryptoNews }

export interface ThreadData {
  readonly user: string
  readonly device: string
  readonly records: ReadonlyMap<string, Uint8Array>
  /** The device before this one, where this one has nothing yet. */
  readonly previous:
    | { readonly device: string; readonly records: ReadonlyMap<string, Uint8Array> }
    | undefined
}
