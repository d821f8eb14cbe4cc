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
  #sizes = new Uint16Array(0)
  #lengths = new Uint16Array(0)
  #count = 0
  #totalLength = 0

  /** How many different words there are. */
  get termCount(): number {
    return this.#terms.size
  }

  /** What the entries, the starts and the terms take; a word with its number about 80 bytes. */
  get bytes(): number {
    const perSlot = this.#starts.byteLength + this.#sizes.byteLength + this.#lengths.byteLength
    return this.#entries.byteLength + perSlot + this.#terms.size * 80
  }

  put(slot: number, tokens: readonly string[]): void {
    this.remove(slot)
    this.#reserveSlot(slot)
    const counts = new Map<string, number>()
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
    const size = Math.min(counts.size, 0xffff)
    this.#reserveEntries(size)
    this.#starts[slot] = this.#end
    this.#sizes[slot] = size
    this.#lengths[slot] = Math.min(tokens.length, 0xffff)
    let left = size
    for (const [token, count] of counts) {
      if (left-- === 0) break
      const term = this.#terms.get(token) ?? this.#newTerm(token)
      this.#frequencies[term] = (this.#frequencies[term] as number) + 1
      this.#entries[this.#end++] = term * 2 ** countBits + Math.min(count, countMost)
    }
    this.#count++
    this.#totalLength += this.#lengths[slot] as number
  }

  remove(slot: number): void {
    const size = this.#sizes[slot] ?? 0
    const length = this.#lengths[slot] ?? 0
    if (size === 0 && length === 0 && !this.#isUsed(slot)) return
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
   * BM25 of the first slots, into `out`. Returns how much of what the query is about the best memory has: the
   * share of its words, each by its rarity; 0 for a query without words.
   */
  score(tokens: readonly string[], out: Float32Array): number {
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
    for (let slot = 0; slot < out.length; slot++) {
      const start = this.#starts[slot] ?? unused
      if (start === unused) {
        out[slot] = 0
        continue
      }
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

  #reserveSlot(slot: number): void {
    if (slot < this.#starts.length) return
    const capacity = Math.ceil((slot + 1) * growth) + 16
    const starts = new Uint32Array(capacity).fill(unused)
    starts.set(this.#starts)
    this.#starts = starts
    const sizes = new Uint16Array(capacity)
    sizes.set(this.#sizes)
    this.#sizes = sizes
    const lengths = new Uint16Array(capacity)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }
}

const unused = 0xffff_ffff
