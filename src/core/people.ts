import type { Platform, RoomKind, TurnKind, TurnOutcome } from './conversation.ts'
import type { KnownFact } from './fact.ts'
import type {
  AccountId,
  ExternalId,
  FactId,
  MessageId,
  ParticipantId,
  PersonaId,
  RoomId,
  TurnId,
} from './ids.ts'
import type { Knock, Terms } from './knock.ts'
import type { Made } from './made.ts'
import type { Episode, MemoryRefs, Month, Summary } from './memory.ts'

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
  /** Also of whole months. */
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

/** Everything that is kept of somebody, as it is handed to them. Bytes are files of their own. */
export interface KeptData {
  readonly since: Date
  readonly remembering: boolean
  readonly shared: boolean
  readonly identities: readonly (Identity & { readonly since: Date })[]
  /** Accounts that have let them in by a code, or that they have asked for one. */
  readonly letIn: readonly { readonly account: AccountId; readonly what: string }[]
  readonly rooms: readonly KeptRoom[]
  readonly facts: readonly KeptFact[]
  /** What they were asked to confirm, and may still. */
  readonly asked: readonly { readonly room: RoomId; readonly until: Date; readonly about: MemoryRefs }[]
  /** When personas may write to them first; undefined where they have set nothing. */
  readonly terms: Terms | undefined
  /** What they say of themselves, each in one room. */
  readonly selves: readonly { readonly room: RoomId; readonly text: string }[]
  readonly media: readonly KeptMedia[]
}

export interface KeptFact extends KnownFact {
  readonly since: Date
  /** The one persona that knows it; undefined where it was said in a room, or to all. */
  readonly toldTo: string | undefined
  readonly supersededBy: FactId | undefined
}

export interface KeptMedia {
  /** `0199….png`: of the message, its number and what it is. */
  readonly name: string
  readonly kind: 'image' | 'voice'
  readonly bytes: Uint8Array
}

/** A room of their own with everything in it; of a group what is theirs. */
export interface KeptRoom {
  readonly id: RoomId
  readonly kind: RoomKind
  readonly externalId: ExternalId
  readonly since: Date
  /** Under whose name its messages are known: a platform's in groups, or an account's. */
  readonly namedBy: string | undefined
  /** Whoever comes can read what was said before. */
  readonly readsBefore: boolean
  /** How often it has gone on under another name. */
  readonly formerNames: number
  /** From which message of a group to which they could read what was said; null: still. */
  readonly present: readonly { readonly from: number; readonly to: number | null }[]
  readonly personas: readonly KeptPersona[]
  readonly messages: readonly KeptMessage[]
  readonly turns: readonly KeptTurn[]
  /** What came of commands that changed something. */
  readonly commands: readonly string[]
  readonly episodes: readonly KeptEpisode[]
  /** What happened in months that are over. */
  readonly months: readonly Month[]
  /** One for each companion that is not shown the beginning any more. */
  readonly summaries: readonly (Summary & { readonly persona: string })[]
  /** What personas mean to say first, or have said. */
  readonly knocks: readonly KeptKnock[]
}

export interface KeptKnock extends Knock {
  readonly persona: string
  /** When it was said, and by which turn; undefined while it waits. */
  readonly begunAt: Date | undefined
  readonly turn: TurnId | undefined
  /** By them: it is kept so that it is not noted again. */
  readonly cancelled: boolean
  /** What it came from. */
  readonly message: MessageId | undefined
  readonly fact: FactId | undefined
}

export interface KeptEpisode extends Episode {
  /** Why it has no gist. */
  readonly passedOver: string | undefined
}

/** A persona in a room of theirs, and what is set for it there. */
export interface KeptPersona {
  readonly persona: string
  readonly quiet: boolean
  /** Its account has left. */
  readonly departed: boolean
  /** The first position that it is shown word for word. */
  readonly shownFrom: number
  /** They have switched on that it writes first. */
  readonly unprompted: boolean
  readonly manners: Readonly<Record<string, string>>
}

export interface KeptMessage {
  readonly id: MessageId
  readonly position: number
  /** The position of the last message that it answers; its own where it answers none. */
  readonly anchor: number
  /** Undefined: the person themself. */
  readonly persona: string | undefined
  /** Undefined where it was taken back. */
  readonly text: string | undefined
  readonly saidAt: Date
  readonly receivedAt: Date
  readonly editedAt: Date | null
  readonly redactedAt: Date | null
  /** As the platform calls it. */
  readonly externalId: ExternalId | undefined
  /** It was to be answered. */
  readonly addressed: boolean
  /** Of a reply the work on it, in `KeptRoom.turns`. */
  readonly turn: TurnId | undefined
  /** Of several replies to the same: which it is, and whether it counts. */
  readonly swipe: number | null
  readonly chosen: boolean
  /** What else the model was reminded of. */
  readonly recalled: MemoryRefs | undefined
  /** The memories by which it goes where they are forgotten: messages, facts, episodes and months. */
  readonly recollections: readonly string[]
  /** With what a reply was made. */
  readonly made: Made | undefined
  /** It does not come to mind again. */
  readonly passing: boolean
  /** Something is still to be made of it. */
  readonly waits: boolean
  /** Why nothing could be made of it. */
  readonly passedOver: string | undefined
  /** The model that has made it comparable; the numbers say nothing that the text does not. */
  readonly vector: string | undefined
  /** Names in `KeptData.media`. */
  readonly media: readonly string[]
}

/** The work on one reply. */
export interface KeptTurn {
  readonly id: TurnId
  readonly persona: string
  readonly kind: TurnKind
  readonly state: string
  /** How many other replies were asked for. */
  readonly swipe: number
  readonly failures: number
  readonly stopRequested: boolean
  readonly outcome: TurnOutcome | null
  readonly since: number
  readonly until: number
  readonly begunAt: Date
  readonly dueAt: Date
  readonly shownAt: Date | null
  readonly endedAt: Date | null
  readonly promptTokens: number | null
  readonly replyTokens: number | null
  readonly shownAs: readonly KeptDelivery[]
}

/** One of the messages that show a reply. */
export interface KeptDelivery {
  readonly slot: number
  readonly swipe: number
  /** As the platform calls it; undefined while it is not known whether it has it. */
  readonly externalId: ExternalId | undefined
  readonly sentAt: Date
  readonly removedAt: Date | null
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
  /** `personas`: whose names are known. Undefined for somebody who is not known any more. */
  read(person: ParticipantId, personas: readonly PersonaId[]): Promise<KeptData | undefined>
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
