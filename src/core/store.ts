import type { Account, Image, Message, Platform, Room, RoomKey, Turn, TurnOutcome } from './conversation.ts'
import type {
  ChangeName,
  CommandEvent,
  EditEvent,
  MembershipEvent,
  MessageEvent,
  RedactionEvent,
  RoomReference,
  SenderReference,
} from './events.ts'
import type {
  AccountId,
  ExternalId,
  MessageId,
  OwnerId,
  ParticipantId,
  PersonaId,
  TurnId,
  WorkerId,
} from './ids.ts'
import type { Made, RoomPast } from './made.ts'
import type { MemoryRefs, Recollection, TalkMessage } from './memory.ts'

/** Where an event came in: the account, and the persona that speaks through it in that room. */
export interface Doorway {
  readonly account: AccountId
  readonly platform: Platform
  readonly persona: PersonaId
}

export interface Acceptance {
  /** `duplicate`: it was here already, or had been redacted before it came. Nothing was changed. */
  readonly status: 'accepted' | 'duplicate'
  readonly room: Room
  /** Undefined where it does not stand there, since it was redacted. */
  readonly position: number | undefined
  /** The turn that it opened, where the claimant has it already. */
  readonly claimed: Turn | undefined
}

/** Who takes a turn, and for how long it stays theirs without a sign of life. */
export interface Claimant {
  readonly worker: WorkerId
  readonly leaseMs: number
}

/** A command that changes turns or rooms. */
export type ChangeCommand = CommandEvent & { readonly name: ChangeName }

/**
 * `ending`: the reply is whole, and its turn is about to close. `not-the-last`: only the last reply can be
 * changed. `not-heard`: it was put on something that is no reply of the persona's, or by somebody who is
 * no participant of the room; or given to all, and not for this persona.
 */
export type CommandOutcome =
  | 'retrying'
  | 'busy'
  | 'ending'
  | 'nothing-to-retry'
  | 'choosing'
  | 'no-other'
  | 'stopping'
  | 'nothing-to-stop'
  | 'taken-back'
  | 'nothing-to-take-back'
  | 'quiet'
  | 'talking'
  | 'not-the-last'
  | 'not-heard'

/**
 * What comes in from the platforms. Every method is one transaction: when it resolves, the event is
 * durable and the turn that it opens or changes has been announced. Throws `HearthError`.
 */
export interface Inbox {
  /**
   * Stores the message and opens or extends the persona's turn, which is due `settleMs` from now. No turn
   * for what nobody is to answer: by itself, or since the persona is quiet there or has left.
   * A new turn that is due at once and waits for no other one is the claimant's from the beginning, which
   * saves the way back to the database that a claim would take.
   */
  accept(doorway: Doorway, event: MessageEvent, settleMs: number, claimant?: Claimant): Promise<Acceptance>
  /**
   * Counts only from the message's own author; `false` when there is no such message of theirs, or a later
   * edit was here before. The reply that answers the message is made anew where it is the room's last.
   */
  edit(doorway: Doorway, event: EditEvent): Promise<boolean>
  /**
   * Leaves a tombstone also where the message has not arrived yet, so that it never shows; only in memory where
   * neither the room nor who takes it away is known, since nobody becomes known by that. With the last of
   * the messages that it answers a reply is taken down, and so is one of which a part was redacted.
   */
  redact(doorway: Doorway, event: RedactionEvent): Promise<void>
  /** Opens a greeting turn, and says so, when it may greet and nothing has been said in the room yet. */
  join(doorway: Doorway, event: MembershipEvent, mayGreet: boolean): Promise<boolean>
  /** Nothing is answered there any more until the account has joined again. */
  leave(doorway: Doorway, event: MembershipEvent): Promise<void>
  command(doorway: Doorway, event: ChangeCommand): Promise<CommandOutcome>
}

/** A persona that is in a group and may speak there. */
export interface Present {
  readonly persona: PersonaId
  /** The position of what it said last; 0 where it has said nothing lately. */
  readonly spokeAt: number
}

/** Why a persona is to speak in a group. `unasked`: it was said to nobody. `persona`: another persona has said it. */
export type Cue = 'addressed' | 'unasked' | 'persona'

/** The personas that are in a group together. Throws `HearthError`. */
export interface Circle {
  /** Notes that the doorway's persona hears what is said in the group, and whether it may say anything there. */
  enter(doorway: Doorway, room: Room, maySpeak: boolean): Promise<void>
  /** Who is there. Of when they spoke only what came before that position counts, so it is told alike at any time. */
  readPresent(room: Room, before: number): Promise<readonly Present[]>
  /**
   * Opens a turn of the persona that answers what is anchored at `position`, and says so. Not where it is quiet,
   * has left or may not speak; nor twice for the same words; nor where `most` turns answer these already. Nobody
   * is `unasked` where somebody was asked already. Whoever was not asked by a person waits, besides, until fewer than
   * `most` have spoken, or are about to, since the last person did.
   */
  invite(
    room: Room,
    persona: PersonaId,
    at: { readonly position: number; readonly cue: Cue },
    dueInMs: number,
    most: number,
  ): Promise<boolean>
}

/** What was set for a persona in one room: settings by their names, as they were said. Throws `HearthError`. */
export interface RoomManners {
  read(room: RoomKey, persona: PersonaId): Promise<Readonly<Record<string, string>>>
  /** Undefined where nothing was ever said. */
  findRoom(doorway: Doorway, reference: RoomReference): Promise<Room | undefined>
  /** The room of an event, where its sender is one of those who talk there. */
  roomToChange(doorway: Doorway, event: Pick<CommandEvent, 'room' | 'sender'>): Promise<Room | undefined>
  /** Undefined: it is as the persona has it again. Returns what is set now. */
  change(
    room: RoomKey,
    persona: PersonaId,
    change: Readonly<Record<string, string | undefined>>,
  ): Promise<Readonly<Record<string, string>>>
}

/** What people say of themselves in one room, in their own words. Throws `HearthError`. */
export interface SelfDescriptions {
  /** Of all who have said something of themselves there. */
  read(room: Room): Promise<ReadonlyMap<ParticipantId, string>>
  /** Somebody's own. */
  find(doorway: Doorway, where: Pick<CommandEvent, 'room' | 'sender'>): Promise<string | undefined>
  /** Undefined: they say nothing of themselves any more. */
  write(
    doorway: Doorway,
    where: Pick<CommandEvent, 'room' | 'sender'>,
    text: string | undefined,
  ): Promise<void>
}

/** Says that a turn was opened or changed, here or in another process. */
export interface TurnChange {
  readonly turn: TurnId
  readonly revision: number
  readonly stopRequested: boolean
  /** From now; the turn cannot be claimed before. */
  readonly dueInMs: number
}

export interface TurnAnnouncements {
  subscribe(listener: (change: TurnChange) => void): Disposable
  /** Whoever was erased, here or in another process: nothing of them may stay in memory. */
  onErased(listener: (person: ParticipantId) => void): Disposable
  /** To whom belongs what was forgotten here: what of theirs is kept opened still has it. */
  onForgotten(listener: (owners: ReadonlySet<OwnerId>) => void): Disposable
}

/** One visible message of ours, or the intent to send one. */
export interface Delivery {
  readonly slot: number
  /** The swipe for which the slot was taken, and the turn's revision at that time. */
  readonly swipe: number
  readonly revision: number
  readonly firstTriedAt: Date
  /** Undefined while it is not known whether the platform has it. */
  readonly externalId: ExternalId | undefined
}

/** A visible message that the platform has taken. */
export interface SentPart {
  readonly slot: number
  readonly externalId: ExternalId
}

export interface Reply {
  readonly text: string
  readonly promptTokens: number
  readonly replyTokens: number
  /** Messages before this position were cut from the history that the model saw. */
  readonly historyFrom: number
  /** What else it was reminded of. */
  readonly recalled: MemoryRefs
  /** The reply goes where any of these goes or changes. */
  readonly recollections: readonly Recollection[]
  /** Undefined where no model was asked. */
  readonly made: Made | undefined
  /** Of the persona's texts and settings. */
  readonly personaVersion: string
}

/**
 * `not-closed`: another worker has it, or it has changed and can be claimed again.
 * `next-waits`: closed, and another turn in this room can be claimed now.
 */
export type Closing = 'not-closed' | 'closed' | 'next-waits'

/**
 * The turns that workers take. `claim` gives a lease; every later call names the turn as it was
 * claimed (its `attempt` is the fence) and returns `false` or `undefined` when another worker has
 * taken it over, or when its revision has changed.
 */
export interface TurnQueue {
  /** The longest-due turns of these accounts and personas, now this worker's; also those whose worker has died. */
  claim(
    worker: WorkerId,
    accounts: readonly AccountId[],
    personas: readonly PersonaId[],
    most: number,
    leaseMs: number,
  ): Promise<readonly Turn[]>
  /** How many turns of these accounts and personas are not closed, whoever works on them and whenever they are due. */
  countOpen(accounts: readonly AccountId[], personas: readonly PersonaId[]): Promise<number>
  /** Prolongs the leases of all these turns; returns those that are still this worker's. */
  renew(turns: readonly Turn[], leaseMs: number): Promise<ReadonlySet<TurnId>>
  /**
   * The gate before the first visible sign of a reply: from here on new messages wait for the next turn.
   * Reserves the first slot where there is none yet, and returns all of them; undefined: nothing may be shown.
   */
  show(turn: Turn): Promise<readonly Delivery[] | undefined>
  /**
   * Makes the reply durable, as the chosen swipe. From here on no model is asked again. Also `false` where a
   * memory that it was made with has gone or changed meanwhile.
   * Reserves slot 0 where the turn has none yet.
   */
  answer(turn: Turn, reply: Reply): Promise<boolean>
  /** Back to pending; a failure counts. */
  putBack(turn: Turn, delayMs: number, failed: boolean): Promise<void>
  /** `sent`: what the delivery log was not told yet. */
  close(turn: Turn, outcome: TurnOutcome, sent?: readonly SentPart[]): Promise<Closing>
}

/** What of a turn's reply stands on the platform: one slot for each part that it was split into, in order. */
export interface DeliveryLog {
  list(turn: Turn): Promise<readonly Delivery[]>
  /**
   * Takes the next slot: writes down the intent to send before anything is sent. Slots are never used
   * again. Undefined when another worker has taken the turn over; the other calls then do nothing.
   */
  reserve(turn: Turn): Promise<Delivery | undefined>
  confirm(turn: Turn, slot: number, externalId: ExternalId): Promise<void>
  remove(turn: Turn, slot: number): Promise<void>
}

export interface HistoryMessage extends Message {
  /** Counts up in a room; a reply has that of the last message that it answers. */
  readonly anchor: number
}

export interface TurnHistory {
  /** From the last cut up to what this turn answers, in the order of the conversation. */
  readonly messages: readonly HistoryMessage[]
  readonly historyFrom: number
  /** Of what came before that; undefined where nothing did, or nothing was made of it yet. */
  readonly summary: string | undefined
}

/** A persona's last reply in a room that a model was asked for, and all that it takes to make its prompt again. */
export interface LastReply {
  /** As it was when the reply was made. */
  readonly turn: Turn
  readonly made: Made
  readonly recalled: MemoryRefs
}

export interface HistoryReader {
  read(turn: Turn): Promise<TurnHistory>
  /**
   * The newest few images in what was said after the anchor `after`, by their message. They are read anew
   * for each turn: nothing keeps them in memory.
   */
  readImages(turn: Turn, after: number): Promise<ReadonlyMap<MessageId, readonly Image[]>>
  /** For lorebooks that ask for more of the past than the history shows. */
  readPast(turn: Turn): Promise<RoomPast>
  /** Undefined where there is none, or no such room. */
  readLast(doorway: Doorway, room: RoomReference): Promise<LastReply | undefined>
  /** The history that this turn had, without what was taken away since. */
  readAgain(turn: Turn): Promise<TurnHistory>
  /** In the order in which they are named, without those that are gone. */
  readMessages(refs: MemoryRefs['messages']): Promise<readonly TalkMessage[]>
  /** The chosen reply of an answered turn; undefined when it is gone, and nothing may be shown. */
  readReply(turn: Turn): Promise<string | undefined>
}

/** Undefined: it goes. */
export interface AccountRecordChange {
  readonly collection: string
  readonly key: string
  readonly value: Uint8Array | undefined
}

/**
 * What an adapter must know again after a restart: its place in the platform's stream, its session, its
 * keys. Small values, sealed, each account's own. Throws `HearthError`.
 */
export interface AccountRecords {
  read(account: AccountId, collection: string): Promise<ReadonlyMap<string, Uint8Array>>
  /** All of them or none, in this order, and durable when it resolves. */
  write(account: AccountId, changes: readonly AccountRecordChange[]): Promise<void>
}

/** Something that was said elsewhere, before. */
export interface ImportedMessage {
  /** The same in each import of the same conversation. */
  readonly externalId: ExternalId
  readonly from: 'person' | 'persona'
  readonly at: Date
  readonly text: string
}

/** A conversation that was held elsewhere: between this person and the persona of the doorway. */
export interface ImportedConversation {
  readonly doorway: Doorway
  /** Made when they were never heard of; somebody who is known keeps the name that they have. */
  readonly person: SenderReference
  /** A direct room of its own, in which nobody answers. */
  readonly room: ExternalId
}

export interface Importer {
  /**
   * Puts those messages that are not there yet behind those that are, all of them or none, and returns how
   * many they were. What was forgotten since it was first imported does not come back. Throws `HearthError`:
   * `import-paused`, before anything is written, where the person does not want anything to be remembered.
   */
  add(conversation: ImportedConversation, messages: readonly ImportedMessage[]): Promise<number>
}

/**
 * What is stored of a room and should stand on the platform: with it an adapter finds out what was deleted
 * while it was away. Throws `HearthError`.
 */
export interface StandingMessages {
  /**
   * The platform's ids of what was said there since then, of the newest thousand at most, in no order: what
   * people said, and whatever shows a reply that is at its end. What somebody is still at may come and go.
   */
  since(account: Account, room: RoomReference, since: Date): Promise<readonly ExternalId[]>
}
