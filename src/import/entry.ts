/** Where in the file something stands; lines are counted from 1, bytes from 0. */
export interface Place {
  /** Of several in a zip. */
  readonly file?: string
  readonly line: number
  readonly byte: number
}

/** Why something that stands in the file is not taken in. */
export type Reason =
  /** No JSON, or none that the format has in that place. */
  | 'unreadable'
  /** Larger than anything honest. */
  | 'too-long'
  /** Joins, calls, pins, a program's own lines. */
  | 'service'
  /** What the person never saw: tools, instructions, other branches are not even counted. */
  | 'hidden'
  | 'deleted'
  /** The export has only its encrypted form. */
  | 'encrypted'
  | 'empty'
  | 'duplicate'
  | 'somebody-else'

/** Who said something, as the file tells of them. */
export interface Speaker {
  /** Stable within the file. */
  readonly id: string
  /** The first is shown; all of them are understood. */
  readonly names: readonly string[]
  /** Where the format itself knows: the person at the keyboard, the companion, or some program. */
  readonly role?: 'person' | 'companion' | 'program'
}

/** One thing that a file says. Every format is read into these. */
export type Entry =
  | {
      readonly kind: 'said'
      /** Stable for the same conversation in every export of it. */
      readonly conversation: string
      /** Stable for the same message in every export of its conversation. */
      readonly id: string
      readonly speaker: Speaker
      readonly at: Date | undefined
      readonly text: string
    }
  /** Another name for somebody who may have spoken before. */
  | { readonly kind: 'named'; readonly speaker: string; readonly name: string }
  /** What stands in the place of a message's words, also where it comes after it. */
  | { readonly kind: 'edit'; readonly target: string; readonly speaker: string; readonly text: string }
  | { readonly kind: 'deletion'; readonly target: string }
  | { readonly kind: 'left-out'; readonly reason: Reason; readonly place: Place }

/** The bytes of a file, in order, in chunks of bounded size. */
export type Chunks = AsyncIterable<Uint8Array>

export interface Format {
  /** For people: `a chat of SillyTavern`. */
  readonly name: string
  read(chunks: Chunks): AsyncIterable<Entry>
}
