import type { RoomKind } from './conversation.ts'
import type { ExternalId } from './ids.ts'

/** The room as the platform tells of it. */
export interface RoomReference {
  readonly externalId: ExternalId
  readonly kind: RoomKind
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
  readonly text: string
  /** Said in a group, and not to the persona: it is kept as history, and nobody answers. */
  readonly overheard?: boolean
}

export interface EditEvent extends EventBase {
  readonly kind: 'edit'
  readonly target: ExternalId
  readonly text: string
}

export interface RedactionEvent extends EventBase {
  readonly kind: 'redaction'
  readonly target: ExternalId
}

export interface ReactionEvent extends EventBase {
  readonly kind: 'reaction'
  readonly target: ExternalId
  readonly emoji: string
}

/** `joined`: the persona is new in the room and may greet. */
export interface MembershipEvent extends EventBase {
  readonly kind: 'membership'
  readonly change: 'joined' | 'left'
}

export interface CommandEvent extends EventBase {
  readonly kind: 'command'
  readonly name: CommandName
}

/** Everything that a platform can tell the engine. Closed: a new kind must be handled everywhere. */
export type InboundEvent =
  | MessageEvent
  | EditEvent
  | RedactionEvent
  | ReactionEvent
  | MembershipEvent
  | CommandEvent

export type CommandName = 'help' | 'retry' | 'stop'

export interface Command {
  readonly name: CommandName
  readonly summary: string
  /** The reaction that means the same, on platforms that have reactions. */
  readonly emoji?: string
}

/** The one list of commands: adapters render it in their platform's manner. */
export const commands: readonly Command[] = [
  { name: 'help', summary: 'show what you can do here' },
  { name: 'retry', summary: 'ask for another answer to your last message', emoji: '🔁' },
  { name: 'stop', summary: 'stop the answer that is being written', emoji: '🛑' },
]
