import { HearthError } from '../core/errors.ts'
import type { OwnerId, RoomId } from '../core/ids.ts'
import { type Aged, isDue, isTooOld } from '../core/kept-age.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Embedder, EmbeddingKind } from '../core/model.ts'
import type { MemoryPage, MemoryPlace, MemoryReader, Slice, VectorWriter } from '../core/recall.ts'
import { AudienceIndex, type Shown } from './audience-index.ts'
import { type Precision, quantise } from './quantise.ts'
import { type RankedMemory, rank } from './rank.ts'

/** As one question to the model: enough to keep it busy, few enough that a person waits little behind them. */
const batchMost = 16
/** What comes after it says little that is new about what a message is about, and models cut it anyhow. */
const embeddedCharacters = 1_500
/** Somebody waits for a reply. */
const queryMostMs = 3_000
/** So long a text every model takes. */
const shortCharacters = 50

export interface RecallTools {
  readonly memories: MemoryReader
  readonly vectors: VectorWriter
  /** Without it words alone decide. */
  readonly embedder: Embedder | undefined
  /** A question was asked by words alone, since the embedder has failed. */
  readonly onTrouble: (error: unknown) => void
}

export interface RecallOptions {
  readonly precision: Precision
  /** Of all audiences that are kept together. */
  readonly keptBytes: number
}

export interface Question {
  readonly text: string
  /** What is in the prompt anyhow is not searched; of what comes after that, nothing has to be read. */
  readonly shown?: Shown | undefined
  /** How far there is anything to read, where that is known: otherwise it is asked. */
  readonly places?: ReadonlyMap<RoomId, MemoryPlace> | undefined
  /** Around what waits for the embedder. */
  readonly aside?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined
}

/** Throws `HearthError`, or what the aborted signal throws. */
export interface Recall {
  /** What this audience may be reminded of by the text, best first, at most `most`. */
  recall(
    audience: readonly Slice[],
    question: Question,
    most: number,
    signal: AbortSignal,
  ): Promise<readonly RankedMemory[]>
  /**
   * Makes the vectors of at most `most` memories that have none, the newest first. Returns how many it was,
   * 0 when nothing is left to do.
   */
  embedMissing(audience: readonly Slice[], most: number, signal: AbortSignal): Promise<number>
  /** Keeps no index: somebody was erased, and their words may be in any. */
  clear(): void
  /** Keeps no index with any of these owners' words in it: some of them were forgotten. */
  letGoOf(owners: ReadonlySet<OwnerId>): void
  /** Lets go of each index that is too old, asked for or not. `nowMs`: by `performance.now()`. */
  sweep(nowMs: number): void
}

interface Kept extends Aged {
  readonly owners: ReadonlySet<OwnerId>
  readonly index: AudienceIndex
  /** By slice, in the order of the audience. */
  readonly places: (MemoryPlace | undefined)[]
  /** When it was put among the kept ones; it may have grown since. */
  readonly bytes: number
}

export function createRecall(
  { memories, vectors, embedder, onTrouble }: RecallTools,
  options: RecallOptions,
): Recall {
  const kept = new LruMap<string, Kept>(options.keptBytes, ({ bytes }) => bytes)
  const space = embedder && {
    model: embedder.model,
    dimensions: embedder.dimensions,
    precision: options.precision,
  }
  /** What waits for an audience's index: two may not bring the same one up to date at once. */
  const waiting = new Map<string, Promise<unknown>>()
  /** What is being read while it is raised may hold what nobody may know any more. */
  let clears = 0

  /** The audience's index as the database is now. */
  async function read(
    audience: readonly Slice[],
    known: Pick<Question, 'shown' | 'places'>,
    signal: AbortSignal,
  ): Promise<AudienceIndex> {
    const key = keyOf(audience)
    const before = waiting.get(key) ?? Promise.resolve()
    const reading = before.then(() => bringUpToDate(key, audience, known, signal))
    const settled = reading.catch(() => undefined)
    waiting.set(key, settled)
    try {
      return await reading
    } finally {
      if (waiting.get(key) === settled) waiting.delete(key)
    }
  }

  async function bringUpToDate(
    key: string,
    audience: readonly Slice[],
    { shown, places }: Pick<Question, 'shown' | 'places'>,
    signal: AbortSignal,
  ): Promise<AudienceIndex> {
    const clearsBefore = clears
    const found = kept.get(key)
    const isFresh = found !== undefined && !isTooOld(found, performance.now())
    let state = isFresh ? found : emptyState(audience, space)
    const asks = isFresh && places === undefined && audience.length > 1
    const last = asks ? await memories.readPlaces(audience) : places
    for (let at = 0; at < audience.length; ) {
      const slice = audience[at] as Slice
      if (isAllRead(slice, state.places[at], last, shown) || (await readSlice(state, at, slice, signal))) {
        at++
        continue
      }
      state = emptyState(audience, space)
      at = 0
    }
    state.index.words.letGo()
    if (clears === clearsBefore) kept.set(key, { ...state, bytes: state.index.bytes })
    return state.index
  }

  /** Returns whether what is known of it stays: otherwise all has to be read anew. */
  async function readSlice(
    { index, places }: Kept,
    at: number,
    slice: Slice,
    signal: AbortSignal,
  ): Promise<boolean> {
    let reading: Promise<MemoryPage | undefined> | undefined = readAhead(slice, places[at])
    while (reading !== undefined) {
      signal.throwIfAborted()
      const page: MemoryPage | undefined = await reading
      // Of what was never read nothing can be lost: the room is gone.
      if (page === undefined) return places[at] === undefined
      reading = page.left > 0 ? readAhead(slice, page.place) : undefined
      const { memories: read, gone } = await page.open()
      if (page.left > 0) await breath()
      for (const id of gone) index.remove(id)
      index.reserve(read.length + page.left)
      for (const { memory, vector } of read) index.put(memory, vector)
      places[at] = page.place
      if (page.left > 0) await breath()
    }
    return true
  }

  /** The database reads a page while the one before is opened here. Whoever waits for it hears of its errors. */
  function readAhead(slice: Slice, since: MemoryPlace | undefined): Promise<MemoryPage | undefined> {
    const reading = memories.readMemories(slice, since)
    reading.catch(() => undefined)
    return reading
  }

  /** Undefined where nothing has a vector that it could be compared with, and where it fails or takes too long. */
  async function embedQuery(
    { vectors: known }: AudienceIndex,
    text: string,
    signal: AbortSignal,
  ): Promise<Float32Array | undefined> {
    if (embedder === undefined || known === undefined || known.count === 0) return undefined
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(queryMostMs)])
      return (await embedCut(embedder, [text], 'query', within))[0]
    } catch (error) {
      signal.throwIfAborted()
      onTrouble(error)
      return undefined
    }
  }

  return {
    async recall(audience, { text, shown, places, aside = (work) => work() }, most, signal) {
      const index = await read(audience, { shown, places }, signal)
      const embedding = await aside(() => embedQuery(index, text, signal))
      return rank(index, { text, shown, embedding }, most)
    },

    async embedMissing(audience, most, signal) {
      if (embedder === undefined) return 0
      const missing = (await read(audience, {}, signal)).withoutVector(most)
      for (let at = 0; at < missing.length; at += batchMost) {
        const batch = missing.slice(at, at + batchMost)
        const texts = batch.map(({ text }) => text)
        const embeddings = await embedCut(embedder, texts, 'document', signal)
        const made = batch.flatMap((memory, index) => {
          const embedding = embeddings[index]
          if (embedding === undefined) return []
          return [{ memory, vector: quantise(embedder.model, embedding, options.precision) }]
        })
        for (const slice of audience) {
          const own = made.filter(({ memory }) => stands(memory, slice))
          if (own.length > 0) await vectors.writeVectors(slice, own)
        }
      }
      return missing.length
    },

    clear() {
      clears++
      kept.clear()
    },

    letGoOf(owners) {
      clears++
      kept.dropWhere((each) => [...each.owners].some((owner) => owners.has(owner)))
    },

    sweep: (nowMs) => kept.dropWhere((each) => isDue(each, nowMs)),
  }
}

function emptyState(audience: readonly Slice[], space: ConstructorParameters<typeof AudienceIndex>[0]): Kept {
  return {
    index: new AudienceIndex(space),
    owners: new Set(audience.map(({ owner }) => owner)),
    places: [],
    readAtMs: performance.now(),
    bytes: 0,
  }
}

/** A text that is too long for the model counts by its beginning: one of them must not hold up all others. */
async function embedCut(
  embedder: Embedder,
  texts: readonly string[],
  kind: EmbeddingKind,
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const cut = texts.map((text) => text.slice(0, embeddedCharacters))
  try {
    return await embedder.embed(cut, kind, signal)
  } catch (error) {
    const isTooLong = error instanceof HearthError && error.code === 'prompt-too-long'
    const [only = '', ...more] = cut
    if (!isTooLong || (more.length === 0 && only.length <= shortCharacters)) throw error
    if (more.length === 0) return await embedCut(embedder, [only.slice(0, only.length / 2)], kind, signal)
    const vectors: Float32Array[] = []
    for (const text of cut) vectors.push(...(await embedCut(embedder, [text], kind, signal)))
    return vectors
  }
}

/** Others are served between two pages. */
const breath = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Nothing has come or changed there since then, or what has come is shown: nothing new has an anchor before what was
 * there already.
 */
function isAllRead(
  { room, to }: Slice,
  read: MemoryPlace | undefined,
  last: ReadonlyMap<RoomId, MemoryPlace> | undefined,
  shown: Shown | undefined,
): boolean {
  const now = last?.get(room)
  if (read === undefined || now === undefined || read.version !== now.version) return false
  return (
    read.position >= Math.min(now.position, to) || (shown?.room === room && shown.from <= read.position + 1)
  )
}

function keyOf(audience: readonly Slice[]): string {
  return audience.map(({ owner, room, from, to }) => `${owner} ${room} ${from} ${to}`).join(', ')
}

function stands({ room, position }: { room: string; position: number }, slice: Slice): boolean {
  return room === slice.room && position >= slice.from && position <= slice.to
}
