import type { Platform } from './conversation.ts'
import type { AccountId, ExternalId, ParticipantId } from './ids.ts'

/** How much is kept of somebody; no word of what. */
export interface KeptCounts {
  readonly since: Date
  /** Rooms of their own, with the personas. */
  readonly directRooms: number
  /** In which they have said something. */
  readonly groups: number
  /** What they said. */
  readonly messages: number
  /** What was said to them in rooms of their own, swipes that were not chosen included. */
  readonly replies: number
  readonly images: number
  readonly voices: number
  /** Also those that are not true any more. */
  readonly facts: number
  readonly episodes: number
  readonly summaries: number
}

/** An account of a person's own. */
export interface Identity {
  readonly platform: Platform
  readonly externalId: ExternalId
  readonly displayName: string
}

/** What was erased: numbers alone, under one of its own. */
export interface ErasureCertificate extends KeptCounts {
  readonly id: string
  readonly at: Date
}

/** One of an account's records: see `AccountRecords`. */
export interface AccountRecordKey {
  readonly account: AccountId
  readonly collection: string
  readonly key: string
}

/** All that is kept of people. Throws `HearthError`. */
export interface KeptPeople {
  /** The longest known first. `readable`: false where their data key is gone, as in an old copy of the database. */
  list(): Promise<readonly { readonly id: ParticipantId; readonly readable: boolean }[]>
  /** As it is in the database now; also of somebody whose data key is gone. Undefined for somebody who is not known. */
  find(platform: Platform, person: ExternalId): Promise<ParticipantId | undefined>
  /** Undefined for somebody who is not known any more. */
  count(person: ParticipantId): Promise<KeptCounts | undefined>
  /** As the platforms know them. */
  identities(person: ParticipantId): Promise<readonly Identity[]>
  /** Asks them to confirm it, for some minutes. */
  proposeErasure(person: ParticipantId): Promise<void>
  /** Whether they were asked, once. */
  takeErasure(person: ParticipantId): Promise<boolean>
  /**
   * Takes away all that is kept of them, and their data key, in one transaction: all of it or nothing. What others
   * said in their groups stays. `records`: go with it. Undefined for somebody who is gone already.
   */
  erase(person: ParticipantId, records?: readonly AccountRecordKey[]): Promise<ErasureCertificate | undefined>
}
