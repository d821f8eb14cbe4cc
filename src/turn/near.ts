import type { Lorebook } from '../core/lore.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Embedder } from '../core/model.ts'

/** Which entries of these books are near in meaning to a text, by `<book>/<entry>`. Throws what the signal throws. */
export type FindNear = (
  books: readonly Lorebook[],
  text: string,
  signal: AbortSignal,
) => Promise<readonly string[]>

export interface NearTools {
  /** Without it nothing is near. */
  readonly embedder: Embedder | undefined
  /** Nothing was found by meaning, since the embedder has failed or taken too long. */
  readonly onTrouble: (error: unknown) => void
}

/**
 * How far of the way from small talk to its very words a text must be. Measured with all-MiniLM-L6-v2: of ten
 * remarks with hardly a word in common with the entry that they were about, six were at 0.38 and more, and the
 * nearest of eight unrelated ones at 0.21.
 */
const nearFrom = 0.25
/** So that the measure is the same for models in whose space everything is near to everything. */
const smallTalk = [
  'Good morning! How did you sleep?',
  'I had a long day at the office.',
  'Do you like music?',
  'That made me laugh, thank you.',
]
/** With 384 numbers each some 15 MB. */
const keptMost = 10_000
const batchMost = 16
const embeddedCharacters = 1_500
/** Somebody waits for a reply; what is made until then stays, so that the next turn goes on from there. */
const withinMs = 3_000

/** Vectors of entries are kept in memory: the entries are files of the operator's own, and never in the database. */
export function createFindNear({ embedder, onTrouble }: NearTools): FindNear {
  const kept = new LruMap<string, Float32Array>(keptMost)
  if (embedder === undefined) return async () => []

  async function vectorsOf(
    texts: readonly string[],
    embedder: Embedder,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const missing = [...new Set(texts.filter((text) => kept.get(text) === undefined))]
    const made = new Map<string, Float32Array>()
    for (let at = 0; at < missing.length; at += batchMost) {
      const batch = missing.slice(at, at + batchMost)
      const vectors = await embedder.embed(batch, 'document', signal)
      for (const [index, text] of batch.entries()) {
        const vector = vectors[index]
        if (vector === undefined) continue
        made.set(text, vector)
        kept.set(text, vector)
      }
    }
    return texts.map((text) => made.get(text) ?? kept.get(text) ?? new Float32Array())
  }

  return async (books, text, signal) => {
    const entries = books.flatMap((book) =>
      book.entries
        .filter(({ enabled, byMeaning, content }) => enabled && byMeaning && content.trim() !== '')
        .map(({ id, content }) => ({ key: `${book.id}/${id}`, text: content.slice(0, embeddedCharacters) })),
    )
    if (entries.length === 0 || text.trim() === '') return []
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
      const [query] = await embedder.embed([text.slice(-embeddedCharacters)], 'query', within)
      if (query === undefined) return []
      const usual = await vectorsOf(smallTalk, embedder, within)
      const vectors = await vectorsOf(
        entries.map((entry) => entry.text),
        embedder,
        within,
      )
      return entries.flatMap(({ key }, index) => {
        const vector = vectors[index] ?? new Float32Array()
        const usually = usual.reduce((sum, other) => sum + cosine(other, vector), 0) / usual.length
        return (cosine(query, vector) - usually) / (1 - usually) >= nearFrom ? [key] : []
      })
    } catch (error) {
      signal.throwIfAborted()
      onTrouble(error)
      return []
    }
  }
}

/** 0 where either is none. */
function cosine(a: Float32Array, b: Float32Array): number {
  let [product, left, right] = [0, 0, 0]
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0
    product += value * other
    left += value * value
    right += other * other
  }
  return product === 0 ? 0 : product / Math.sqrt(left * right)
}
