import type {
  AccountId,
  ExternalId,
  MessageId,
  OwnerId,
  ParticipantId,
  PersonaId,
  RoomId,
  TurnId,
  WorkerId,
} from './ids.ts'
import type { Heard } from './recall.ts'

export type Platform = 'console' | 'matrix' | 'discord'

/** One signed-in bot user. */
export interface Account {
  readonly id: AccountId
  readonly platform: Platform
}

export type RoomKind = 'direct' | 'group'

/** A room as we know it, whatever a platform calls it. */
export interface RoomKey {
  readonly id: RoomId
  readonly owner: OwnerId
  readonly kind: RoomKind
}

export interface Room extends RoomKey {
  /** Through which it is heard of here: a group is one room for all accounts of a platform that are in it. */
  readonly account: AccountId
  readonly externalId: ExternalId
  /** Under whose name its messages are looked up: the platform's in groups, or an account's. */
  readonly namedBy: AccountId
}

export interface Participant {
  readonly id: ParticipantId
  readonly displayName: string
}

/** Who said it. A persona's words are a reply and know their turn. */
export type Author =
  | { readonly kind: 'participant'; readonly id: ParticipantId; readonly displayName: string }
  | { readonly kind: 'persona'; readonly id: PersonaId; readonly turn: TurnId }

export interface Image {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface Message {
  readonly id: MessageId
  readonly author: Author
  readonly text: string
  readonly saidAt: Date
}

/**
 * A turn's life:
 *
 *   pending ──claim──▶ running ──answer──▶ answered ──close──▶ closed
 *      ▲                  │                   ▲                  │
 *      ├──put back────────┘                   └──choose, withdraw┤
 *      └──────────────────retry, edit (new swipe)────────────────┘
 *
 * pending:  collects messages until `due`.
 * running:  leased by a worker that authorises, recalls, composes, generates and streams. As long
 *           as nothing has been shown, a further message raises `revision` and the worker begins again.
 * answered: what is to be shown is durable, but not shown yet: the chosen reply, or nothing at all where
 *           it was taken back. No model is asked again from here on.
 * closed:   done, with an outcome.
 *
 * A worker that dies leaves `running` or `answered` behind; when its lease ends, another takes over.
 */
export type TurnState = 'pending' | 'running' | 'answered' | 'closed'

/**
 * `withdrawn`: there is no reply any more: every message that it answers was redacted, it was taken back,
 * or the room was left.
 */
export type TurnOutcome = 'replied' | 'refused' | 'stopped' | 'failed' | 'withdrawn'

/**
 * `greeting` turns answer nobody: they say the persona's first words in a new room. Nor do `unprompted` ones, which
 * say what a persona means to say first: see `Knock`.
 */
export type TurnKind = 'reply' | 'greeting' | 'unprompted'

/** Where a room's history stood at one moment, for one turn of one persona. */
export interface HistoryPlace {
  /** How often what is already in the room's history has been changed. */
  readonly amended: number
  /** The room's last position. */
  readonly position: number
  /** Messages anchored before this are cut from the persona's prompts. */
  readonly from: number
  /** The position of the last message that the turn answers. */
  readonly until: number
}

/** How what may be called to mind stood at one moment, for one turn. What is kept opened of it is checked by this. */
export interface RecallPlace {
  /** How often what can be recalled of the room has been changed. */
  readonly version: number
  /** Where two talk alone: how often what is known of the person has changed. */
  readonly factsVersion: number | undefined
  /** Where two talk alone: what else both have heard. */
  readonly elsewhere: readonly Heard[] | undefined
  /** Of what came before the history; undefined where nothing did, or nothing was made of it yet. */
  readonly summary: string | undefined
  /** What people say of themselves in the room. */
  readonly selves: ReadonlyMap<ParticipantId, string> | undefined
  /** Why one of these could not be opened, and is as if it were not there; else undefined. */
  readonly trouble: unknown
}

/** Of a turn that nobody has claimed: what is needed has to be asked for. */
export const unknownRecallPlace: RecallPlace = {
  version: 0,
  factsVersion: undefined,
  elsewhere: undefined,
  summary: undefined,
  selves: undefined,
  trouble: undefined,
}

export interface Turn {
  readonly id: TurnId
  readonly room: Room
  readonly persona: PersonaId
  readonly kind: TurnKind
  readonly state: TurnState
  /** The position of the first message that it answers. */
  readonly since: number
  /** Something of its reply stood on the platform before it was claimed. */
  readonly shown: boolean
  /** Raised by whatever changes what is to be said or shown; a worker that knows an older one ends nothing. */
  readonly revision: number
  /** Which of the alternative replies is being made, from 0. */
  readonly swipe: number
  /** How often a worker has begun it. */
  readonly attempt: number
  readonly worker: WorkerId
  /** How often it has failed with an error that passes; counted anew once something was shown. */
  readonly failures: number
  readonly stopRequested: boolean
  /** As the turn was claimed. */
  readonly history: HistoryPlace
  readonly recall: RecallPlace
  /** What was set for the persona in the room by then: see `RoomManners`. */
  readonly manners: Readonly<Record<string, string>>
}
