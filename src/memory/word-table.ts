import { eachWord, tokensOf } from './tokens.ts'
import { WrittenWords } from './written-words.ts'

/** BM25's: how soon further mentions count less, and how much longer texts are marked down. */
const k1 = 0.9
const b = 0.4

/** A term's number and, in the lowest byte, how often it stands there. */
const countBits = 8
const countMost = 255
const growth = 1.1

/**
 * The words of an audience's memories, by slot, with the statistics of this audience alone. Each memory's
 * terms lie one after the other in one array, which a search walks through: without a list for each word a
 * memory takes little room, and is gone as soon as its terms are.
 */
export class WordTable {
  /** Each word's number. */
  readonly #terms = new Map<string, number>()
  /** By the words' numbers. */
  readonly #names: (string | undefined)[] = []
  /** In how many memories a word stands, by its number. */
  #frequencies = new Uint32Array(64)
  readonly #freeNumbers: number[] = []
  #entries = new Uint32Array(64)
  /** Up to where entries are in use; what was removed in between stays as a hole until the next compaction. */
  #end = 0
  #holes = 0
  /** By slot. */
  #starts = new Uint32Array(0)
  #sizes = new Uint32Array(0)
  #lengths = new Uint16Array(0)
  #count = 0
  #totalLength = 0
  /** Of the memory that is being put in: its terms, and how often each stands there, by its number. */
  readonly #found: number[] = []
  #counts = new Uint8Array(64)
  #written = new WrittenWords<readonly number[]>()

  /** How many different words there are. */
  get termCount(): number {
    return this.#terms.size
  }

  /** What the entries, the starts and the terms take; a word with its number about 80 bytes. */
  get bytes(): number {
    const perSlot = this.#starts.byteLength + this.#sizes.byteLength + this.#lengths.byteLength
    return this.#entries.byteLength + perSlot + this.#terms.size * 80
  }

  /** Makes room for so many slots. */
  reserve(slots: number): void {
    if (slots <= this.#starts.length) return
    const starts = new Uint32Array(slots).fill(unused)
    starts.set(this.#starts)
    this.#starts = starts
    const sizes = new Uint32Array(slots)
    sizes.set(this.#sizes)
    this.#sizes = sizes
    const lengths = new Uint16Array(slots)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }

  /** The words of all these texts as one memory, with some tokens beside them. */
  put(slot: number, tokens: readonly string[], ...texts: readonly string[]): void {
    this.remove(slot)
    if (slot >= this.#starts.length) this.reserve(Math.ceil((slot + 1) * growth) + 16)
    let length = tokens.length
    for (const token of tokens) this.#tally(this.#termOf(token))
    for (const text of texts) {
      eachWord(text, (from, to, hash) => {
        const terms = this.#written.read(text, from, to, hash, this.#termsOf)
        length += terms.length
        for (const term of terms) this.#tally(term)
      })
    }
    const size = this.#found.length
    this.#reserveEntries(size)
    this.#starts[slot] = this.#end
    this.#sizes[slot] = size
    this.#lengths[slot] = Math.min(length, 0xffff)
    for (const term of this.#found) {
      this.#frequencies[term] = (this.#frequencies[term] as number) + 1
      this.#entries[this.#end++] = term * 2 ** countBits + (this.#counts[term] as number)
      this.#counts[term] = 0
    }
    this.#found.length = 0
    this.#count++
    this.#totalLength += this.#lengths[slot] as number
  }

  /** After many were put in: what was worked out for their words is not kept for later ones. */
  letGo(): void {
    if (this.#written.size > 0) this.#written = new WrittenWords()
  }

  /** Counts one more of it for the memory that is being put in. */
  #tally(term: number): void {
    const count = this.#counts[term] as number
    if (count === 0) this.#found.push(term)
    if (count < countMost) this.#counts[term] = count + 1
  }

  readonly #termsOf = (word: string): readonly number[] => tokensOf(word).map((token) => this.#termOf(token))

  #termOf(token: string): number {
    return this.#terms.get(token) ?? this.#newTerm(token)
  }

  remove(slot: number): void {
    const size = this.#sizes[slot] ?? 0
    const length = this.#lengths[slot] ?? 0
    if (size === 0 && length === 0 && !this.#isUsed(slot)) return
    // It knows how this memory's words were written, and the numbers of terms that may go with it.
    this.letGo()
    const start = this.#starts[slot] as number
    for (let at = start; at < start + size; at++) {
      this.#leave((this.#entries[at] as number) >>> countBits)
      this.#entries[at] = 0
    }
    this.#starts[slot] = unused
    this.#sizes[slot] = 0
    this.#lengths[slot] = 0
    this.#holes += size
    this.#count--
    this.#totalLength -= length
    if (this.#holes > this.#end / 4) this.#compact()
  }

  /**
   * BM25 of these slots, into `out` at their places. Returns how much of what the query is about the best memory has: the
   * share of its words, each by its rarity; 0 for a query without words.
   */
  score(tokens: readonly string[], slots: readonly number[], out: Float32Array): number {
    const weights = new Float32Array(this.#names.length)
    let total = 0
    for (const token of new Set(tokens)) {
      const term = this.#terms.get(token)
      const rarity = this.#rarity(term === undefined ? 0 : (this.#frequencies[term] as number))
      total += rarity
      if (term !== undefined) weights[term] = rarity
    }
    const averageLength = this.#totalLength / this.#count || 1
    let best = 0
    for (const slot of slots) {
      const start = this.#starts[slot] as number
      const end = start + (this.#sizes[slot] as number)
      const norm = k1 * (1 - b + (b * (this.#lengths[slot] as number)) / averageLength)
      let score = 0
      let covered = 0
      for (let at = start; at < end; at++) {
        const entry = this.#entries[at] as number
        const weight = weights[entry >>> countBits] as number
        if (weight === 0) continue
        const count = entry & countMost
        covered += weight
        score += (weight * count * (k1 + 1)) / (count + norm)
      }
      out[slot] = score
      if (covered > best) best = covered
    }
    return total > 0 ? best / total : 0
  }

  /** How much of what these words are about the best of these memories has, as `score` returns it. */
  coverage(tokens: readonly string[], slots: readonly number[]): number {
    const weights = new Map<number, number>()
    let total = 0
    for (const token of new Set(tokens)) {
      const term = this.#terms.get(token)
      const rarity = this.#rarity(term === undefined ? 0 : (this.#frequencies[term] as number))
      total += rarity
      if (term !== undefined) weights.set(term, rarity)
    }
    let best = 0
    for (const slot of slots) {
      const start = this.#starts[slot] as number
      let covered = 0
      for (let at = start; at < start + (this.#sizes[slot] as number); at++)
        covered += weights.get((this.#entries[at] as number) >>> countBits) ?? 0
      best = Math.max(best, covered)
    }
    return total > 0 ? best / total : 0
  }

  /** How many words it has. */
  lengthOf(slot: number): number {
    return this.#lengths[slot] ?? 0
  }

  #rarity(memories: number): number {
    return Math.log(1 + (this.#count - memories + 0.5) / (memories + 0.5))
  }

  #isUsed(slot: number): boolean {
    return (this.#starts[slot] ?? unused) !== unused
  }

  #newTerm(token: string): number {
    const term = this.#freeNumbers.pop() ?? this.#names.length
    this.#names[term] = token
    this.#terms.set(token, term)
    if (term >= this.#frequencies.length) {
      const frequencies = new Uint32Array(Math.ceil((term + 1) * growth))
      frequencies.set(this.#frequencies)
      this.#frequencies = frequencies
      // Of the terms so far it has those of the memory that is being put in.
      const counts = new Uint8Array(frequencies.length)
      counts.set(this.#counts)
      this.#counts = counts
    }
    return term
  }

  #leave(term: number): void {
    const left = (this.#frequencies[term] as number) - 1
    this.#frequencies[term] = left
    const name = this.#names[term]
    if (left > 0 || name === undefined) return
    this.#terms.delete(name)
    this.#names[term] = undefined
    this.#freeNumbers.push(term)
  }

  #compact(): void {
    const entries = new Uint32Array(Math.max(64, Math.ceil((this.#end - this.#holes) * growth)))
    let end = 0
    for (let slot = 0; slot < this.#starts.length; slot++) {
      const start = this.#starts[slot] as number
      if (start === unused) continue
      const size = this.#sizes[slot] as number
      entries.set(this.#entries.subarray(start, start + size), end)
      this.#starts[slot] = end
      end += size
    }
    this.#entries = entries
    this.#end = end
    this.#holes = 0
  }

  #reserveEntries(count: number): void {
    if (this.#end + count <= this.#entries.length) return
    const entries = new Uint32Array(Math.ceil((this.#end + count) * growth))
    entries.set(this.#entries)
    this.#entries = entries
  }
}

const unused = 0xffff_ffff
