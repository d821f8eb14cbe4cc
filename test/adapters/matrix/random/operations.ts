/** The room's own conversation, or the one thread in it. */
export type PlaceName = 'main' | 'thread'
export const placeNames: readonly PlaceName[] = ['main', 'thread']

interface Where {
  readonly room: number
  readonly place: PlaceName
}

/** A message, its edits and its reply go by the number of the operation that said it: `of`. */
export type Operation =
  /** The person makes the room, and asks the companion in. */
  | { readonly kind: 'join'; readonly room: number }
  /** The person leaves, so that nobody is left; the number of the room is free for another one. */
  | { readonly kind: 'leave'; readonly room: number }
  /** The companion is thrown out and asked in again, and perhaps spoken to meanwhile. */
  | ({ readonly kind: 'rejoin'; readonly says: boolean } & Where)
  | ({ readonly kind: 'say' } & Where)
  | ({ readonly kind: 'edit'; readonly of: number } & Where)
  | ({ readonly kind: 'redact'; readonly of: number; readonly what: 'message' | 'edit' | 'reply' } & Where)
  | ({ readonly kind: 'react'; readonly of: number; readonly emoji: Emoji } & Where)
  | Interruption

/** What happens to the whole house, a moment after the operations before it have begun. */
export interface Interruption {
  readonly kind: 'restart' | 'kill'
  readonly afterMs: number
}

/** What the person does. */
export type Act = Exclude<Operation, Interruption>

export const emojis = ['🔁', '◀️', '▶️', '❌'] as const
export type Emoji = (typeof emojis)[number]

export const isEncrypted = (room: number): boolean => room % 2 === 1

export const wordsOf = (room: number, step: number): string => `Room ${room}, message ${step}`
export const editedWords = (room: number, of: number, step: number): string =>
  `${wordsOf(room, of)}, as of ${step}`
/** The room of which somebody has told the model last. */
export const roomOf = (lines: readonly string[]): number =>
  Number(lines.at(-1)?.match(/Room (\d+)/)?.[1] ?? Number.NaN)
