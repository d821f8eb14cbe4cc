import { messageId, type PersonaId, participantId, type RoomId } from '../core/ids.ts'
import type { Memory, OpenedMemories, Vector } from '../core/recall.ts'
import type { Place } from '../vault/seal.ts'
import type { SealedItem } from '../vault/vault.ts'
import type { StoreContext } from './context.ts'
import { contentPlace } from './message-rows.ts'
import { decodeVector, vectorPlace } from './vector-bytes.ts'

/** Messages and their vectors as the database tells them: a list for each column, in one order. */
export interface MemoryColumns {
  readonly ids: readonly string[]
  readonly positions: readonly number[]
  readonly anchors: readonly number[]
  readonly people: readonly (string | null)[]
  /** In base64. */
  readonly personas: readonly (string | null)[]
  /** Since the epoch. */
  readonly seconds: readonly number[]
  readonly changes: readonly number[]
  /** Of what stands in `contents`, one after the other; null: it stays as a row, without its words. */
  readonly lengths: readonly (number | null)[]
  readonly contents: Uint8Array | null
  readonly models: readonly (string | null)[]
  readonly dimensions: readonly (number | null)[]
  readonly vector_lengths: readonly (number | null)[]
  readonly vectors: Uint8Array | null
}

export async function openMemories(
  context: StoreContext,
  room: RoomId,
  columns: MemoryColumns,
): Promise<OpenedMemories> {
  const { ids, positions, anchors, seconds } = columns
  const texts = await openEach(columns.contents, columns.lengths, ids, contentPlace, (items) =>
    context.vault.openTexts(items, context.signal),
  )
  const vectors = await openVectors(context, columns)
  const speakerOf = await readSpeakers(context, columns)
  const memories: OpenedMemories['memories'][number][] = []
  const gone: OpenedMemories['gone'][number][] = []
  for (const [at, said] of ids.entries()) {
    const id = messageId(said)
    const text = texts[at]
    // It has no words any more, or its author was erased: their words are gone for everybody.
    if (text === undefined) {
      gone.push(id)
      continue
    }
    const anchor = anchors[at] ?? 0
    const position = positions[at] ?? 0
    const saidAtMs = (seconds[at] ?? 0) * 1000
    const version = columns.changes[at] ?? 0
    const memory = { id, room, anchor, position, ...speakerOf(at), text, version, saidAtMs }
    memories.push({ memory, vector: vectors[at] })
  }
  return { memories, gone }
}

/** Those that are there, opened together; undefined for the others. */
async function openEach<T>(
  bytes: Uint8Array | null,
  lengths: readonly (number | null)[],
  ids: readonly string[],
  placeOf: (id: string) => Place,
  open: (items: readonly SealedItem[]) => Promise<readonly (T | undefined)[]>,
): Promise<readonly (T | undefined)[]> {
  const items: SealedItem[] = []
  const places: number[] = []
  let from = 0
  for (const [at, length] of lengths.entries()) {
    if (length === null || bytes === null) continue
    items.push({ place: placeOf(ids[at] ?? ''), sealed: bytes.subarray(from, from + length) })
    places.push(at)
    from += length
  }
  const opened = await open(items)
  const each = new Array<T | undefined>(ids.length).fill(undefined)
  for (const [index, at] of places.entries()) each[at] = opened[index]
  return each
}

async function openVectors(
  { vault, signal }: StoreContext,
  { ids, models, dimensions, vectors, vector_lengths }: MemoryColumns,
): Promise<readonly (Vector | undefined)[]> {
  const opened = await openEach(vectors, vector_lengths, ids, vectorPlace, (items) =>
    vault.openBytes(items, signal),
  )
  return opened.map((bytes, at) => {
    const model = models[at] ?? null
    if (bytes === undefined || model === null) return undefined
    return decodeVector(model, dimensions[at] ?? 0, bytes)
  })
}

async function readSpeakers(
  { directory }: StoreContext,
  { people, personas }: MemoryColumns,
): Promise<(at: number) => Pick<Memory, 'speaker' | 'persona'>> {
  const known = new Set<string>()
  for (const id of people) if (id !== null) known.add(id)
  const names = await directory.displayNames([...known].map(participantId))
  const ofPersonas = new Map<string, PersonaId>()
  for (const persona of personas) {
    if (persona === null || ofPersonas.has(persona)) continue
    const id = directory.personaBehind(Buffer.from(persona, 'base64'))
    if (id !== undefined) ofPersonas.set(persona, id)
  }
  const ofPeople = new Map([...known].map((id) => [id, names.get(participantId(id)) ?? 'somebody']))
  return (at) => {
    const persona = ofPersonas.get(personas[at] ?? '')
    return persona === undefined
      ? { speaker: ofPeople.get(people[at] ?? '') ?? 'somebody' }
      : { speaker: persona, persona }
  }
}
