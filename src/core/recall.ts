import type { Room } from './conversation.ts'
import type { MessageId, RoomId } from './ids.ts'

/** An embedding as it is kept: int8 with one factor for all numbers, or float32 with the factor 1. */
export interface Vector {
  /** The embedding model: vectors of different models are never compared. */
  readonly model: string
  readonly values: Int8Array | Float32Array
  readonly factor: number
}

/** What can be recalled: something that was said. */
export interface Memory {
  readonly id: MessageId
  readonly room: RoomId
  /** As in `HistoryMessage`; with the position it gives the order of the conversation. */
  readonly anchor: number
  readonly position: number
  /** The name of whoever said it: a participant's display name or a persona's id. */
  readonly speaker: string
  readonly text: string
  /** Since the epoch. */
  readonly saidAtMs: number
}

/** How far a room's memories have been read. */
export interface MemoryPlace {
  readonly position: number
  /** `rooms.amended` at that time. */
  readonly amended: number
  /** `rooms.embedded` at that time. */
  readonly embedded: number
}

export interface MemoryPage {
  /** New and changed ones. */
  readonly memories: readonly { readonly memory: Memory; readonly vector: Vector | undefined }[]
  /** What can be recalled no more, or never could. */
  readonly gone: readonly MessageId[]
  readonly place: MemoryPlace
  /** There are further ones after this place. */
  readonly more: boolean
}

/** Throws `HearthError`. */
export interface MemoryReader {
  /** What was said or changed in the room since `since`; from its beginning without that. */
  readMemories(room: Room, since: MemoryPlace | undefined): Promise<MemoryPage>
}

/** Throws `HearthError`. */
export interface VectorWriter {
  /**
   * Keeps the vectors of these memories of one room, in the place of earlier ones. Passes over a memory
   * whose text is not `text` any more.
   */
  writeVectors(
    room: Room,
    vectors: readonly { readonly memory: Memory; readonly vector: Vector }[],
  ): Promise<void>
}
