/**
 * What is made of each word, by how it is written. A word is looked for where it stands in its text: to take it out
 * as a string, and to look that up in a `Map`, took twice as long, and words are most of what an index is built from.
 * Whoever keeps it keeps what people said: let go of it soon.
 */
export class WrittenWords<Made> {
  /** By the lowest bits of the hash, and onwards from there: a word's number and 1; 0: nobody's. */
  #places = new Uint32Array(1024)
  readonly #hashes: number[] = []
  readonly #words: string[] = []
  readonly #made: Made[] = []

  get size(): number {
    return this.#words.length
  }

  /** What was made of the word from `from` to `to`, or is made now. `hash`: by `addToHash` of each character. */
  read(text: string, from: number, to: number, hash: number, make: (word: string) => Made): Made {
    const mask = this.#places.length - 1
    let place = spread(hash) & mask
    for (;;) {
      const number = this.#places[place] as number
      if (number === 0) break
      if (this.#hashes[number - 1] === hash && stands(this.#words[number - 1] as string, text, from, to))
        return this.#made[number - 1] as Made
      place = (place + 1) & mask
    }
    const word = text.slice(from, to)
    const made = make(word)
    this.#hashes.push(hash)
    this.#made.push(made)
    this.#places[place] = this.#words.push(word)
    if (this.#words.length * 2 > this.#places.length) this.#grow()
    return made
  }

  #grow(): void {
    const places = new Uint32Array(this.#places.length * 2)
    const mask = places.length - 1
    for (const [index, hash] of this.#hashes.entries()) {
      let place = spread(hash) & mask
      while (places[place] !== 0) place = (place + 1) & mask
      places[place] = index + 1
    }
    this.#places = places
  }
}

/** FNV-1a, begun otherwise in each process: nobody can write words that all have the same, and take long to find. */
export const emptyHash = Math.floor(Math.random() * 2 ** 32) | 0
export const addToHash = (hash: number, code: number): number => Math.imul(hash ^ code, 16_777_619)

/** The highest bits of FNV-1a are the better ones. */
const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0

function stands(word: string, text: string, from: number, to: number): boolean {
  if (word.length !== to - from) return false
  for (let at = 0; at < word.length; at++) {
    if (word.charCodeAt(at) !== text.charCodeAt(from + at)) return false
  }
  return true
}
