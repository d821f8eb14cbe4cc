import type { Attachment } from './attachment.ts'
import type { RoomKind } from './conversation.ts'
import type { ExternalId } from './ids.ts'

/** The room as the platform tells of it. */
export interface RoomReference {
  readonly externalId: ExternalId
  readonly kind: RoomKind
  /**
   * The room that this one goes on for, after an upgrade: its history is continued here. Only where the
   * old room itself names this one as its successor: anybody can claim to continue somebody's room.
   */
  readonly replaces?: ExternalId
}

/** The identity as the platform tells of it. */
export interface SenderReference {
  readonly externalId: ExternalId
  readonly displayName: string
}

interface EventBase {
  readonly room: RoomReference
  readonly sender: SenderReference
  readonly at: Date
}

export interface MessageEvent extends EventBase {
  readonly kind: 'message'
  readonly externalId: ExternalId
  /** Tells of the attachments too, for models that cannot see: `[an image: cat.png]`. */
  readonly text: string
  readonly attachments?: readonly Attachment[]
  /**
   * It is kept as history, and nobody answers: said in a group and not to the persona, or so long ago,
   * while we were away, that an answer would come out of nowhere.
   */
  readonly unanswered?: boolean
  /**
   * In a group, beside `unanswered`: said to nobody in particular, by somebody who may be answered. Whichever
   * persona is there may take it up, if it is of that kind.
   */
  readonly toAll?: boolean
  /** In a group, beside `unanswered`: whoever says it, the persona may say nothing there. */
  readonly barred?: boolean
  /** In a group: everybody who can read it, the sender among them. Undefined where the platform does not tell. */
  readonly present?: readonly ExternalId[]
  /** And whoever comes later can read it too, as all that was said there before. */
  readonly readsBefore?: boolean
}

/** Of several edits of a message the latest counts, by `at` and then by `externalId`, in whatever order they come. */
export interface EditEvent extends EventBase {
  readonly kind: 'edit'
  readonly externalId: ExternalId
  readonly target: ExternalId
  readonly text: string
  /** It is followed, and the persona does not answer anew for it: by somebody whom it hears and may not answer. */
  readonly unanswered?: boolean
}

/** One that has taken effect: whether the sender may is the platform's affair. */
export interface RedactionEvent extends EventBase {
  readonly kind: 'redaction'
  readonly target: ExternalId
}

export interface ReactionEvent extends EventBase {
  readonly kind: 'reaction'
  /** Under which a reaction that means a command is carried out once. */
  readonly externalId?: ExternalId
  readonly target: ExternalId
  readonly emoji: string
}

/**
 * `joined`: the persona is in the room, for the first time or again; it may greet where nothing was said
 * yet. `left`: it is not any more, whoever decided that; nothing is answered there until it has joined.
 */
export interface MembershipEvent extends EventBase {
  readonly kind: 'membership'
  readonly change: 'joined' | 'left'
}

export interface CommandEvent extends EventBase {
  readonly kind: 'command'
  readonly name: CommandName
  /** What was written after its name, where it has parts. */
  readonly text?: string
  /** Where it has one, the command is carried out once, however often it comes. */
  readonly externalId?: ExternalId
  /** The message that it was put on, as a reaction: it concerns the reply of which this is a part. */
  readonly target?: ExternalId
  /** In a group: every persona there hears of it, and it is given to none of them in particular. */
  readonly toAll?: boolean
}

/** Everything that a platform can tell the engine. Closed: a new kind must be handled everywhere. */
export type InboundEvent =
  | MessageEvent
  | EditEvent
  | RedactionEvent
  | ReactionEvent
  | MembershipEvent
  | CommandEvent

/** Commands that change turns or rooms; the others only tell something. */
export type ChangeName = 'retry' | 'previous' | 'next' | 'stop' | 'takeback' | 'quiet'
export type CommandName =
  | ChangeName
  | 'help'
  | 'persona'
  | 'whoami'
  | 'me-as'
  | 'memory'
  | 'privacy'
  | 'manners'
  | 'unprompted'
  | 'prompt'

/** `memory forget …`: one of the things that a command does. */
export interface CommandPart {
  readonly name: string
  readonly summary: string
  /** What may be written after it, for whoever is shown a field for that. */
  readonly takes?: string
}

export interface Command {
  readonly name: CommandName
  readonly summary: string
  readonly parts?: readonly CommandPart[]
  /** The reaction that means the same, on platforms that have reactions. */
  readonly emoji?: string
}

/** The one list of commands: adapters render it in their platform's manner. */
export const commands: readonly Command[] = [
  { name: 'help', summary: 'show what you can do here' },
  { name: 'retry', summary: 'ask for another answer to your last message', emoji: '🔁' },
  { name: 'previous', summary: 'go back to the answer before', emoji: '◀️' },
  { name: 'next', summary: 'go to the answer after, or ask for another one', emoji: '▶️' },
  { name: 'stop', summary: 'stop the answer that is being written', emoji: '🛑' },
  { name: 'takeback', summary: 'take the last answer back, as if it had not been said', emoji: '❌' },
  { name: 'quiet', summary: 'answer nothing here, until this is said again' },
  { name: 'persona', summary: 'tell who speaks here' },
  { name: 'whoami', summary: 'tell who you are to Hearth' },
  {
    name: 'me-as',
    summary: 'say who you are in this room, in your own words',
    parts: [
      { name: 'set', summary: 'say who you are here', takes: 'who you are' },
      { name: 'show', summary: 'show what you have said of yourself here' },
      { name: 'clear', summary: 'take it back' },
    ],
  },
  {
    name: 'memory',
    summary: 'see, correct and forget what is remembered of you',
    parts: [
      { name: 'list', summary: 'show what is remembered of you', takes: 'what it is about' },
      { name: 'why', summary: 'show what the last answer was made with' },
      { name: 'forget', summary: 'have it forgotten', takes: 'its number, or what it is about' },
      { name: 'correct', summary: 'say how it really is', takes: 'its number, and how it is' },
      { name: 'pin', summary: 'have it always in mind, or no longer', takes: 'its number' },
      { name: 'remember', summary: 'have something remembered', takes: 'what' },
      { name: 'pause', summary: 'have nothing new remembered' },
      { name: 'resume', summary: 'have new things remembered again' },
      { name: 'share', summary: 'let whoever runs this Hearth see it, or no longer' },
    ],
  },
  {
    name: 'manners',
    summary: 'see and set how the persona answers here',
    parts: [
      { name: 'show', summary: 'show what holds here, and where it comes from' },
      { name: 'length', summary: 'how long answers are', takes: 'short, long, usual, or tokens' },
      {
        name: 'settle',
        summary: 'how long it waits for more of what you write',
        takes: '2s, 500ms or usual',
      },
      {
        name: 'typing',
        summary: 'whether answers take as long as somebody types',
        takes: 'human, off or usual',
      },
      { name: 'rest', summary: 'when nothing is answered', takes: '23:00-07:00, off or usual' },
      { name: 'temperature', summary: 'how freely words are chosen', takes: '0 to 2, or usual' },
      { name: 'top-p', summary: 'only words that together reach this share', takes: '0 to 1, or usual' },
      { name: 'top-k', summary: 'only so many of the likeliest words', takes: '0 to 1000, or usual' },
      {
        name: 'min-p',
        summary: 'no word less likely than this share of the likeliest',
        takes: '0 to 1, or usual',
      },
      {
        name: 'repetition',
        summary: 'above 1, words just used become less likely',
        takes: '0.5 to 2, or usual',
      },
      { name: 'reset', summary: 'have everything as the persona has it again' },
    ],
  },
  {
    name: 'unprompted',
    summary: 'have the persona write first: reminders, what it asks after, a good morning',
    parts: [
      { name: 'show', summary: 'show whether it may, when, and what is planned' },
      { name: 'on', summary: 'let it write to you first' },
      { name: 'off', summary: 'let it answer alone, and drop what is planned' },
      { name: 'remind', summary: 'be reminded once', takes: 'when, and of what' },
      { name: 'cancel', summary: 'drop one of those that are planned', takes: 'its number' },
      { name: 'morning', summary: 'have a good morning each day', takes: '07:30, or off' },
      { name: 'hours', summary: 'when you may be written to', takes: '08:00-22:00' },
      { name: 'limit', summary: 'how often a day, by all personas together', takes: '1 to 20' },
      { name: 'zone', summary: 'say where you are, for the time of day', takes: 'Europe/Vienna, or Vienna' },
    ],
  },
  {
    name: 'privacy',
    summary: 'see what is kept of you, and what you can do about it',
    parts: [
      { name: 'show', summary: 'show how much is kept of you, and where' },
      { name: 'export', summary: 'have all of it as a file' },
      { name: 'erase', summary: 'have all of it erased', takes: 'yes, when you were asked' },
    ],
  },
  { name: 'prompt', summary: 'show what the model was given for the last answer, to whoever runs this' },
]

/** Platforms disagree on whether an emoji ends with U+FE0F, which asks for it in colour. */
const plain = (emoji: string) => emoji.replaceAll('\ufe0f', '')

export function commandOfReaction(emoji: string): CommandName | undefined {
  return commands.find((command) => command.emoji !== undefined && plain(command.emoji) === plain(emoji))
    ?.name
}
