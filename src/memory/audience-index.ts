import type { RoomId } from '../core/ids.ts'
import type { Memory, Vector } from '../core/recall.ts'
import type { Precision } from './quantise.ts'
import { type Sequence, sequenceOf } from './sequence.ts'
import { dateTokens } from './tokens.ts'
import { VectorTable } from './vector-table.ts'
import { WordTable } from './word-table.ts'

export interface EmbeddingSpace {
  readonly model: string
  readonly dimensions: number
  readonly precision: Precision
}

/** What stands in a prompt as it is: all of this room from this anchor on. */
export interface Shown {
  readonly room: RoomId
  readonly from: number
}

/** What is searched: slots in the order of the conversations, and what belongs to them. */
export interface Searched extends Sequence {
  readonly order: readonly number[]
}

/** The object, its ids and its places in tables, beside its text. */
const frameBytes = 330

/**
 * All that one audience may be reminded of, searchable. Nothing of a memory is left once it was removed, and
 * what it was built from in which order makes no difference.
 */
export class AudienceIndex {
  readonly words = new WordTable()
  readonly vectors: VectorTable | undefined
  readonly #slots = new Map<string, number>()
  readonly #memories: (Memory | undefined)[] = []
  readonly #freeSlots: number[] = []
  /** The slots in the order of the conversations, one room after the other. */
  #order: number[] = []
  readonly #speakers = new Map<string, number>()
  #textBytes = 0
  #sequence: Sequence | undefined

  /** Without a space it goes by words alone. */
  constructor(space: EmbeddingSpace | undefined) {
    this.vectors = space && new VectorTable(space.model, space.dimensions, space.precision)
  }

  get size(): number {
    return this.#slots.size
  }

  /** An estimate of the memory that it takes. */
  get bytes(): number {
    return this.words.bytes + (this.vectors?.bytes ?? 0) + this.#textBytes + this.#slots.size * frameBytes
  }

  /** All but what is shown. */
  searched(shown: Shown | undefined): Searched {
    const order = this.#order
    const { goesOn, substance } = this.#sequenceNow()
    const { room = '', from = 0 } = shown ?? {}
    const first = this.#firstFrom(
      (memory) => memory.room > room || (memory.room === room && memory.anchor >= from),
    )
    const after = this.#firstFrom((memory) => memory.room > room)
    if (first === after) return { order, goesOn, substance }
    const without = <T extends Uint8Array | Float32Array>(all: T): T => {
      const rest = all.slice(0, all.length - (after - first)) as T
      rest.set(all.subarray(after), first)
      return rest
    }
    return {
      order: [...order.slice(0, first), ...order.slice(after)],
      goesOn: without(goesOn),
      substance: without(substance),
    }
  }

  /** Worked out anew after a change: it takes as long as a search does. */
  #sequenceNow(): Sequence {
    this.#sequence ??= sequenceOf(
      this.#order,
      (slot) => this.at(slot),
      (slot) => this.words.lengthOf(slot),
    )
    return this.#sequence
  }

  /** How many slots there are, used or not. */
  get slotCount(): number {
    return this.#memories.length
  }

  get speakers(): Iterable<string> {
    return this.#speakers.keys()
  }

  at(slot: number): Memory {
    const memory = this.#memories[slot]
    if (memory === undefined) throw new TypeError(`no memory in slot ${slot}`)
    return memory
  }

  /** Makes room for so many more at once. */
  reserve(count: number): void {
    const slots = this.#memories.length + count - this.#freeSlots.length
    this.words.reserve(slots)
    this.vectors?.reserve(slots)
  }

  /** Takes the place of the memory of the same id. A vector of another space is left out. */
  put(memory: Memory, vector: Vector | undefined): void {
    this.remove(memory.id)
    const slot = this.#freeSlots.pop() ?? this.#memories.length
    this.#sequence = undefined
    this.#memories[slot] = memory
    this.#slots.set(memory.id, slot)
    this.#order.splice(this.#placeOf(memory), 0, slot)
    this.#speakers.set(memory.speaker, (this.#speakers.get(memory.speaker) ?? 0) + 1)
    this.#textBytes += textBytes(memory)
    this.words.put(slot, dateTokens(memory.saidAtMs), memory.speaker, memory.text)
    if (vector !== undefined) this.vectors?.put(slot, vector)
  }

  remove(id: string): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    const memory = this.at(slot)
    this.#sequence = undefined
    this.#order.splice(this.#placeOf(memory), 1)
    this.#memories[slot] = undefined
    this.#slots.delete(id)
    this.#freeSlots.push(slot)
    const left = (this.#speakers.get(memory.speaker) ?? 1) - 1
    if (left === 0) this.#speakers.delete(memory.speaker)
    else this.#speakers.set(memory.speaker, left)
    this.#textBytes -= textBytes(memory)
    this.words.remove(slot)
    this.vectors?.remove(slot)
  }

  /** The newest of those that have no vector in this index's space. */
  withoutVector(most: number): readonly Memory[] {
    const found: Memory[] = []
    if (this.vectors === undefined || this.vectors.count === this.size) return found
    for (let at = this.#order.length - 1; at >= 0 && found.length < most; at--) {
      const slot = this.#order[at] as number
      if (!this.vectors.has(slot)) found.push(this.at(slot))
    }
    return found
  }

  /** Where it stands in the order, or would stand. Mostly it is the newest of its room. */
  #placeOf(memory: Memory): number {
    const last = this.#order.at(-1)
    if (last !== undefined && compare(this.at(last), memory) < 0) return this.#order.length
    return this.#firstFrom((other) => compare(other, memory) >= 0)
  }

  /** The first place in the order of which this is true, as of all that come after it. */
  #firstFrom(isThere: (memory: Memory) => boolean): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isThere(this.at(this.#order[middle] as number))) high = middle
      else low = middle + 1
    }
    return low
  }
}

function compare(a: Memory, b: Memory): number {
  if (a.room !== b.room) return a.room < b.room ? -1 : 1
  return a.anchor - b.anchor || a.position - b.position || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** V8 keeps a string with a byte a character where it can. */
function textBytes({ text }: Memory): number {
  return text.length
}
