import type { Room, RoomKey } from './conversation.ts'
import type { MessageId, OwnerId, PersonaId, RoomId } from './ids.ts'

/** A part of a room's past: what stands at these positions, both included. */
export interface Slice {
  readonly owner: OwnerId
  readonly room: RoomId
  readonly from: number
  readonly to: number
}

/** As far as there is anything, and whatever will be said. */
export const everything = { from: 0, to: Number.MAX_SAFE_INTEGER } as const

export const wholeRoom = ({ owner, id: room }: Pick<Room, 'owner' | 'id'>): Slice => ({
  owner,
  room,
  ...everything,
})

/** A part of a room's past, and how far there is anything to read in it. */
export interface Heard extends Slice {
  readonly read: MemoryPlace
}

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
  /** Where a persona has said it. */
  readonly persona?: PersonaId
  readonly text: string
  /** Counts its changes; not those of its vector. */
  readonly version: number
  /** Since the epoch. */
  readonly saidAtMs: number
}

/** How far a slice's memories have been read. */
export interface MemoryPlace {
  readonly position: number
  /** `rooms.recall_version` at that time. */
  readonly version: number
}

/** What was read of a slice, still sealed: the next page can be read while this one is opened. */
export interface MemoryPage {
  readonly place: MemoryPlace
  /** How many of its positions come after this place; 0: all is read. */
  readonly left: number
  open(): Promise<OpenedMemories>
}

export interface OpenedMemories {
  /** New and changed ones. A vector's numbers are a view of something larger: copy what is to stay. */
  readonly memories: readonly { readonly memory: Memory; readonly vector: Vector | undefined }[]
  /** What can be recalled no more. */
  readonly gone: readonly MessageId[]
}

/** Throws `HearthError`. */
export interface MemoryReader {
  /** How far there is anything to read in the rooms of these slices, at once: most have nothing new. */
  readPlaces(slices: readonly Slice[]): Promise<ReadonlyMap<RoomId, MemoryPlace>>
  /** What the persona may call to mind there: what was said where everybody who is there now could read it then. */
  readAudience(room: Room, persona: PersonaId): Promise<readonly Slice[]>
  /** Whoever comes into the group can read there what was said before. */
  readsBefore(room: RoomKey): Promise<boolean>
  /**
   * What was said or changed in the slice after `since`; from its beginning without that. Undefined: messages
   * have gone without a trace, and it has to be read from the beginning.
   */
  readMemories(slice: Slice, since: MemoryPlace | undefined): Promise<MemoryPage | undefined>
}

export interface MemoryVector {
  readonly memory: Memory
  readonly vector: Vector
}

/** Throws `HearthError`. */
export interface VectorWriter {
  /**
   * Keeps the vectors of memories of one slice, in the place of earlier ones. Passes over a memory whose text
   * has changed, or which is gone.
   */
  writeVectors(slice: Slice, vectors: readonly MemoryVector[]): Promise<void>
}
