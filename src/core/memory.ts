import type { Author, Room, RoomKey, RoomKind } from './conversation.ts'
import type { RoomReference, SenderReference } from './events.ts'
import type { FactChange, FactContent, KnownFact } from './fact.ts'
import type {
  EpisodeId,
  ExternalId,
  FactId,
  MessageId,
  OwnerId,
  ParticipantId,
  PersonaId,
  RoomId,
} from './ids.ts'
import type { Slice } from './recall.ts'
import type { Doorway } from './store.ts'

/** A message as something is made of it. */
export interface TalkMessage {
  readonly id: MessageId
  /** Its place in the room. */
  readonly position: number
  readonly author: Author
  readonly text: string
  readonly saidAt: Date
}

/** The gist of a closed stretch of talk. */
export interface Episode {
  /** Positions in the room, both included. */
  readonly from: number
  readonly to: number
  readonly begunAt: Date
  readonly endedAt: Date
  readonly gist: string
}

/** What happened in a month in a room. */
export interface Month extends Episode {
  /** As `2026-03`, in UTC: an episode belongs to the month in which it began. */
  readonly month: string
  /** Of how many episodes. */
  readonly madeOf: number
}

/** A month with so many episodes, of which nothing was made yet; or they were fewer then. */
export interface MonthDue {
  readonly month: string
  readonly episodes: number
}

/** An episode as it is kept. */
export interface KnownEpisode extends Episode {
  /** What happened in a whole month is told as one. */
  readonly kind: 'stretch' | 'month'
  readonly owner: OwnerId
  readonly id: EpisodeId
}

/** What came before the messages that one persona is still shown. */
export interface Summary {
  /** The last position that it covers. */
  readonly to: number
  readonly text: string
  /** Of what is too far back to be told one by one, up to this position. */
  readonly account: string
  readonly accountTo: number
}

export interface NewTalk {
  readonly before: readonly TalkMessage[]
  readonly messages: readonly TalkMessage[]
  /** Of which nothing was made yet; also of what has been taken away since. Empty when nothing is left to do. */
  readonly fresh: ReadonlySet<MessageId>
  readonly facts: ReadonlyMap<ParticipantId, readonly KnownFact[]>
  /** Those of them that came from this room. */
  readonly here: ReadonlySet<FactId>
  /** Who does not want anything to be made of what they say. */
  readonly unwilling: ReadonlySet<ParticipantId>
}

/** What becomes of the facts of one person. */
export interface PersonChanges {
  readonly person: ParticipantId
  readonly changes: readonly FactChange[]
}

/** A room in which something is to be remembered: this worker's as long as its lease lasts. */
export interface MemoryTask {
  readonly owner: OwnerId
  readonly room: RoomId
  readonly kind: RoomKind
  /** How often what was said there had been changed: what is made of it counts only while that is so. */
  readonly amended: number
  readonly leaseUntil: Date
  /** How often it has come to nothing since it last went well. */
  readonly failures: number
  /** How often the model, which answered otherwise, has made nothing of the next part since then. */
  readonly stumbles: number
  /** Of the personas whose history was cut there. */
  readonly cuts: readonly HistoryCut[]
}

/** The history that a persona is shown begins at this position. */
export interface HistoryCut {
  /** Of use to nobody but the store: a persona of which no other process than this one may have heard. */
  readonly persona: string
  readonly from: number
}

/**
 * The rooms in which something is to be remembered, and what is made of what was said there. What is kept is
 * kept whole or not at all, and not where any of it was changed or taken away meanwhile: then it is `false`,
 * and the task has to be claimed anew. Throws `HearthError`.
 */
export interface MemoryTasks {
  /** One that has rested for so long, and is nobody's. */
  claim(restMs: number, leaseMs: number): Promise<MemoryTask | undefined>
  /** Nothing is left to do, save what has been said since then; or before so many milliseconds are over. */
  close(task: MemoryTask, wakeInMs: number | undefined): Promise<void>
  /** More is left to do, and at once; but whoever waits already comes first. */
  yield(task: MemoryTask, restMs: number): Promise<void>
  /** It came to nothing, and is to be tried again after a while; or at once, which counts as no failure. */
  putBack(task: MemoryTask, delayMs: number): Promise<void>
  /** The same where the model answers, and makes nothing of what is next. */
  stumble(task: MemoryTask, delayMs: number): Promise<void>

  /**
   * A stretch with the oldest `most` messages of which nothing was made yet, in the order of the room, and those
   * few that came right before it; and the facts known of those who say something in it.
   */
  readNew(task: MemoryTask, most: number): Promise<NewTalk>
  /** Notes that something was made of these messages; or `passedOver`, why nothing could be. */
  keepFacts(
    task: MemoryTask,
    made: readonly MessageId[],
    changes: readonly PersonChanges[],
    passedOver?: string,
  ): Promise<boolean>

  /** What no episode covers yet: the oldest `most` messages, in runs between which there are episodes. */
  readUncovered(task: MemoryTask, most: number): Promise<readonly (readonly TalkMessage[])[]>
  /** `passedOver`: why it has no gist. */
  keepEpisode(task: MemoryTask, episode: Episode, passedOver?: string): Promise<boolean>
  /** In their order, those that end before this position. */
  readEpisodes(task: MemoryTask, before: number): Promise<readonly Episode[]>
  /** The months of the room that have so many episodes at least. */
  readMonthsDue(task: MemoryTask, least: number): Promise<readonly MonthDue[]>
  keepMonth(task: MemoryTask, month: Month): Promise<boolean>
  readSummary(task: MemoryTask, cut: HistoryCut): Promise<Summary | undefined>
  keepSummary(task: MemoryTask, cut: HistoryCut, summary: Summary): Promise<boolean>
}

/** Which memories: facts of a person, and messages. */
export interface MemoryRefs {
  readonly facts: readonly FactId[]
  readonly messages: readonly { readonly owner: OwnerId; readonly id: MessageId }[]
}

/** A memory that a reply was made with, as it was then. Where it is forgotten, the reply is too. */
export interface Recollection {
  readonly owner: OwnerId
  readonly id: MessageId | FactId | EpisodeId
  /** Of a message, as in `Memory`. Anything else is never changed, but taken away: 0. */
  readonly version: number
}

/** Nowhere: the person had it written down; and `toldTo` says by whom, where that one alone knows it. */
export interface PlacedFact {
  readonly person: ParticipantId
  readonly fact: KnownFact
  readonly toldTo: PersonaId | undefined
  readonly places: readonly { readonly room: RoomId; readonly position: number }[]
}

/** Facts for the prompt. Throws `HearthError`. */
export interface FactReader {
  /** What is known of these people, also what is not true any more, and where each of it was said. */
  readPlaced(people: readonly ParticipantId[]): Promise<readonly PlacedFact[]>
  /** The same of one person whose version of facts is known. */
  readPlacedAt(person: ParticipantId, version: number): Promise<readonly PlacedFact[]>
  /**
   * What happened in these parts of rooms between the two, in its order, at most `most`. `inMonths`: of a month
   * that has been told as one, that alone.
   */
  readEpisodes(
    audience: readonly Slice[],
    time: { readonly from: Date; readonly to: Date },
    inMonths: boolean,
    most: number,
  ): Promise<readonly KnownEpisode[]>
}

/** What somebody wants of the memory of them. */
export interface Wishes {
  /** False while they have paused it. */
  readonly remembering: boolean
  /** The operator may see what is remembered of them. */
  readonly shared: boolean
}

/** By which a command that comes again is known: it is written down with what the command changes, and only so. */
export interface Receipt<Outcome = void> {
  readonly room: Room
  readonly command: ExternalId
  /** What is told of it, in words that repeat nobody's. */
  readonly tell: (outcome: Outcome) => string
}

/** What somebody has set. Throws `HearthError`. */
export interface OwnWishes {
  readWishes(person: ParticipantId): Promise<Wishes>
  setWishes(person: ParticipantId, wishes: Partial<Wishes>, receipt?: Receipt): Promise<void>
}

/** What is known of somebody, in their own hands. Throws `HearthError`. */
export interface OwnFacts {
  /** By their numbers; also what is not true any more. */
  readFacts(person: ParticipantId): Promise<readonly KnownFact[]>
  /** What these facts came from, of what they said and of what was said to them in rooms of their own. */
  readSources(person: ParticipantId, facts: readonly FactId[]): Promise<readonly SourceMessage[]>
  /**
   * Writes down what they want to have remembered, for one persona or for all; the number that it got. `undefined`
   * while it is paused.
   */
  add(
    person: ParticipantId,
    content: FactContent,
    supersedes: readonly FactId[],
    toldTo?: PersonaId,
    receipt?: Receipt<number | undefined>,
  ): Promise<number | undefined>
  setPinned(person: ParticipantId, fact: FactId, pinned: boolean, receipt?: Receipt): Promise<void>
}

/** What somebody wants to be gone: first it is named, and then, at a yes, it goes. Throws `HearthError`. */
export interface Forgetting {
  /**
   * What is meant of what they said, and of what was said to them in rooms of their own, also where nothing was made
   * of it: the newest `most`, in their order.
   */
  findSaid(
    person: ParticipantId,
    isMeant: (text: string) => boolean,
    most: number,
  ): Promise<readonly SourceMessage[]>
  /** Keeps what they are asked to confirm, for some minutes; in the place of what they were asked before. */
  propose(person: ParticipantId, room: RoomKey, proposal: MemoryRefs): Promise<void>
  /**
   * Forgets what they were asked last, once: their facts, and their words with all that was made of them. `false`
   * where they were asked nothing, or too long ago.
   */
  forgetProposed(person: ParticipantId, room: RoomKey, receipt?: Receipt<boolean>): Promise<boolean>
}

/** All that somebody may ask of what is remembered of them, where they ask it. Throws `HearthError`. */
export interface OwnMemory extends OwnWishes, OwnFacts, Forgetting {
  /** Undefined for somebody who has never said anything, or not there. */
  find(
    doorway: Doorway,
    where: { readonly sender: SenderReference; readonly room: RoomReference },
  ): Promise<{ readonly person: ParticipantId; readonly room: Room } | undefined>
  /** What was told of a command that was carried out before. */
  readTold(receipt: Pick<Receipt, 'room' | 'command'>): Promise<string | undefined>
  /** What stood in the prompt of the last reply there, beside the conversation; of messages what they say. */
  readRecalled(person: ParticipantId, room: RoomKey): Promise<Recalled>
}

/** What a reply was made with. */
export interface Recalled {
  readonly facts: readonly KnownFact[]
  /** What had happened, by stretches of talk and months. */
  readonly episodes: readonly KnownEpisode[]
  readonly messages: readonly TalkMessage[]
}

/** A message of theirs, or to them alone, and where it stands. */
export interface SourceMessage extends TalkMessage {
  readonly owner: OwnerId
}

/** How much is remembered, and of what is left to do; no word of what. */
export interface MemoryCounts {
  readonly people: number
  /** Who has paused it. */
  readonly paused: number
  readonly messages: number
  readonly facts: number
  readonly superseded: number
  readonly episodes: number
  readonly months: number
  readonly summaries: number
  /** By their model. */
  readonly vectors: ReadonlyMap<string, number>
  /** Of which nothing was made yet. */
  readonly newMessages: number
  readonly waitingRooms: number
  /** Rooms at which it has failed, and will be tried again. */
  readonly failingRooms: number
  /** Messages and stretches of talk of which nothing could be made, by reason. */
  readonly passedOver: ReadonlyMap<string, number>
  /** Since when the room that waits longest has waited. */
  readonly waitingSince: Date | undefined
}
