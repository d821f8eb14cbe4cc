import type { LoreState } from './lore.ts'
import type { ModelInfo } from './model.ts'

/** What the host tells the model of what the persona says unprompted. */
export interface HostWord {
  readonly text: string
  /** The persona speaks first: nobody has said anything that it would answer. */
  readonly first: boolean
}

/**
 * With what a reply's prompt was made, beside what is stored anyway: with it the prompt can be made again. Plain
 * data, to be stored as JSON.
 */
export interface Made {
  /** Since the epoch. */
  readonly atMs: number
  readonly model: ModelInfo
  /** Tokens as the model counted them until then, over tokens as they were estimated. */
  readonly scale: number
  /** The anchor from which on the history was read, and the room's last position. */
  readonly historyFrom: number
  readonly position: number
  /** Which lorebook entries were near in meaning to what was said, by `<book>/<entry>`. */
  readonly near: readonly string[]
  /** What lorebooks remember, for the next turn. */
  readonly lore: LoreState
  /** Where lorebooks have asked for it: the next turn counts on from there. */
  readonly past?: PastCounts
  /** Of a reply. What is said first has words of the person in it, which go when they take them away. */
  readonly hostWord?: HostWord | undefined
  /** Of the prompt: the same for the same one. */
  readonly digest: string
}

/** A room's past, up to what a turn answers. */
export interface PastCounts {
  readonly messages: number
  /** How many of them are the persona's. */
  readonly replies: number
  /** Which of the persona's greetings it began with, from 0; undefined where it began without. */
  readonly greeting?: number
}

/** A room's past, as far as lorebooks ask for it. */
export interface RoomPast {
  readonly counts: PastCounts
  /** As the persona's last reply left it. */
  readonly lore: LoreState
}
