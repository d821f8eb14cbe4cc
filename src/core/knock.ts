import type { Room, RoomKey, Turn } from './conversation.ts'
import type { CommandEvent } from './events.ts'
import type { AccountId, FactId, MessageId, ParticipantId, PersonaId } from './ids.ts'
import type { MemoryRefs, Receipt, Recollection } from './memory.ts'
import type { Doorway } from './store.ts'

/**
 * What a persona means to say first. `errand`: it was asked to remind somebody. `follow-up`: it asks after something
 * that mattered. `morning`: a good morning, each day.
 */
export const knockKinds = ['errand', 'follow-up', 'morning'] as const
export type KnockKind = (typeof knockKinds)[number]

export type KnockLanguage = 'en' | 'de'

export interface KnockContent {
  /** What it is about, in the words of the person or of a fact; of a good morning its time, `07:30`. */
  readonly text: string
  /** For when it was meant. It may have been put off since. */
  readonly at: Date
  /** In which it was asked for. */
  readonly language: KnockLanguage
}

/** Under which terms personas may write to somebody first. */
export interface Terms {
  /** Where they are: `Europe/Vienna`; undefined where they have not said so. */
  readonly zone: string | undefined
  /** `08:00-22:00`, there. */
  readonly hours: string
  /** So many a day, of all personas. */
  readonly most: number
}

/** One that waits. */
export interface WaitingKnock extends Knock {
  readonly room: RoomKey['id']
  /** Undefined for one that this process has never named. */
  readonly persona: PersonaId | undefined
  readonly message: MessageId | undefined
}

export interface Knock {
  readonly kind: KnockKind
  /** By which the person names it. Never used again. */
  readonly number: number
  readonly dueAt: Date
  readonly content: KnockContent
}

export interface NewKnock {
  readonly kind: KnockKind
  readonly dueAt: Date
  readonly content: KnockContent
  /** What it came from, and goes with. */
  readonly message?: MessageId | undefined
  readonly fact?: FactId | undefined
}

/** A person, a persona, and the room in which those two talk alone. */
export interface KnockPlace {
  readonly person: ParticipantId
  readonly room: RoomKey
  readonly persona: PersonaId
  /** They have switched it on there. */
  readonly on: boolean
  readonly terms: Terms
}

/** One of which an account tells. */
export interface HeardPlace extends KnockPlace {
  readonly room: Room
}

/** What people ask of what personas say first. Throws `HearthError`. */
export interface KnockBook {
  /** Made where nothing was ever said there. Only of a direct room. */
  find(doorway: Doorway, where: Pick<CommandEvent, 'room' | 'sender'>): Promise<HeardPlace>
  /** The same of a direct room that is known. */
  read(room: Room, persona: PersonaId): Promise<HeardPlace>
  /** Where it is switched on in a direct room, of the personas that this process knows. */
  readOn(room: Pick<RoomKey, 'owner' | 'id'>): Promise<readonly KnockPlace[]>
  setTerms(place: KnockPlace, terms: Terms, receipt?: Receipt): Promise<void>
  /** Where it is switched off, what waits there goes; returns how many that were. */
  setOn(place: KnockPlace, on: boolean, receipt?: Receipt<number>): Promise<number>
  /**
   * Its number; that of the one that is there already of the same message or fact, whose place it takes while that
   * waits. A good morning takes the place of the one before. Undefined where it is not switched on, and where that of
   * the same message was cancelled.
   */
  add(place: KnockPlace, knock: NewKnock, receipt?: Receipt<number | undefined>): Promise<number | undefined>
  /** What waits of all personas, the next one first. */
  list(person: ParticipantId): Promise<readonly WaitingKnock[]>
  /** How many all personas have begun to say in that time. */
  countSaid(person: ParticipantId, from: Date, to: Date): Promise<number>
  /** Of those that wait there, or whose turn does; returns the numbers of those that are not said any more. */
  cancel(
    place: KnockPlace,
    numbers: readonly number[],
    receipt?: Receipt<readonly number[]>,
  ): Promise<readonly number[]>
}

/** One that is due, as it was read. */
export interface DueKnock extends Knock {
  readonly id: string
  readonly room: Room
  readonly persona: PersonaId
  readonly terms: Terms
  readonly manners: Turn['manners']
}

/** What a turn says that answers nobody. */
export interface SpokenKnock {
  readonly kind: KnockKind
  /** It is still switched on there. */
  readonly on: boolean
  readonly content: KnockContent
  readonly terms: Terms
  /** What it came from, as it is now. */
  readonly refs: MemoryRefs
  readonly recollections: readonly Recollection[]
}

/**
 * `busy`: the persona is at something there. `full`: so many were said that day. `gone`: another process was quicker,
 * or it may not be said any more.
 */
export type Beginning = 'begun' | 'busy' | 'full' | 'gone'

/** What is due of what personas say first. Throws `HearthError`. */
export interface KnockQueue {
  /** The longest-due of these accounts and personas, where it is switched on and the persona may speak. */
  due(
    accounts: readonly AccountId[],
    personas: readonly PersonaId[],
    now: Date,
    most: number,
  ): Promise<readonly DueKnock[]>
  /**
   * Opens the turn that says it, and says so: once, whoever else tries. `day`: the person's, by which it is counted
   * what was said; errands that wait for that day have their place before all else. `next`: when the good morning
   * after this one is due.
   */
  begin(
    knock: DueKnock,
    now: Date,
    day: { readonly from: Date; readonly to: Date },
    next?: Date,
  ): Promise<Beginning>
  /**
   * Undefined: it goes. `meant`: for when it is meant from then on, where that is another moment. Does nothing where it
   * is not any more as it was read.
   */
  putOff(knock: DueKnock, until: Date | undefined, meant?: Date): Promise<void>
  /** Undefined where what it came from was taken away. */
  read(turn: Turn): Promise<SpokenKnock | undefined>
  /** Takes what was made of it out of the history; whoever has the turn next takes down what is shown of it. */
  withdraw(turn: Turn): Promise<void>
  /** The persona cannot write there: it is as if it had been switched off. */
  silence(turn: Turn): Promise<void>
}
