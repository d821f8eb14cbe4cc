/**
 * What recall costs with 1,000, 10,000 and 100,000 memories of one person: the time to read and build an index,
 * the time of a recall without the call of the embedding model, and memory. Each memory is a sentence of random words,
 * sealed like any other, with a random vector of 384 numbers. And a recall by one of 100 people with 1,000 memories
 * each, in a database where there is nobody else, and in one where there are many: those are rows of the same size in
 * the same tables and indexes, with bytes that nothing was sealed into. The last line is JSON.
 *
 *     npm run bench:memory -- [--store postgres|pglite] [--sizes 1000,10000,100000] [--people 1000]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Room } from '../../src/core/conversation.ts'
import { accountId, externalId, newUuid, participantId, personaId } from '../../src/core/ids.ts'
import type { Embedder } from '../../src/core/model.ts'
import type { Slice } from '../../src/core/recall.ts'
import type { Doorway } from '../../src/core/store.ts'
import { quantise } from '../../src/memory/quantise.ts'
import { createRecall, type Recall } from '../../src/memory/recall.ts'
import { sql } from '../../src/store/drizzle.ts'
import { contentPlace } from '../../src/store/message-rows.ts'
import { statement, value } from '../../src/store/statement.ts'
import { encodeVector, vectorPlace } from '../../src/store/vector-bytes.ts'
import { type BenchHouse, openBenchHouse } from './bench-house.ts'
import { addCrowd } from './crowd.ts'
import { percentile, round } from './timing.ts'

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'postgres' },
    sizes: { type: 'string', default: '1000,10000,100000' },
    people: { type: 'string', default: '1000' },
  },
})
const measuredPeople = 100
const memoriesEach = 1_000
const dimensions = 384
const batch = 1_000
const queries = 100
const signal = new AbortController().signal

const doorway: Doorway = { account: accountId('bench'), platform: 'matrix', persona: personaId('wren') }

/** Always the same; xorshift. */
let state = 88_172_645
function random(): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 2 ** 32
}

/** Few words are common and many are rare, as in talk. */
const word = () => `w${Math.floor(20_000 * random() ** 3).toString(36)}`
const sentence = (words: number) => Array.from({ length: words }, word).join(' ')
const embedding = () => Float32Array.from({ length: dimensions }, () => random() - 0.5)

const embedder: Embedder = {
  model: 'random',
  dimensions,
  embed: async (texts) => texts.map(embedding),
}

async function makeRoom({ store }: BenchHouse, name: string): Promise<Room> {
  const { room } = await store.inbox.accept(
    doorway,
    {
      kind: 'message',
      room: { externalId: externalId(`!${name}`), kind: 'direct' },
      sender: { externalId: externalId(`@${name}`), displayName: name },
      at: new Date('2024-01-01T08:00:00Z'),
      externalId: externalId(`$${name}`),
      text: sentence(20),
      unanswered: true,
    },
    0,
  )
  return room
}

const adding = statement(
  'bench add',
  sql`
    with given as materialized (
      select * from unnest(${value('ids')}::uuid[], ${value('positions')}::bigint[],
        ${value('contents')}::bytea[], ${value('vectors')}::bytea[]) as given (id, position, content, vector)
    ), said as (
      insert into messages (owner_id, id, room_id, position, anchor, author, participant_id, content, said_at)
      select ${value('owner')}::uuid, id, ${value('room')}::uuid, position, position, 'participant',
        ${value('owner')}::uuid, content, timestamptz '2024-01-01' + position * interval '10 minutes'
      from given
      returning id
    )
    insert into vectors (owner_id, message_id, room_id, model, dimensions, content, version)
    select ${value('owner')}::uuid, given.id, ${value('room')}::uuid, 'random', ${sql.raw(String(dimensions))}, vector, 0
    from given join said on said.id = given.id`,
)

/** As `Inbox.accept` and the writer of vectors would, in larger steps. */
async function fill({ vault, database }: BenchHouse, room: Room, count: number): Promise<Slice> {
  const owner = { kind: 'participant', id: participantId(room.owner) } as const
  for (let from = 2; from <= count; from += batch) {
    using sealer = await vault.prepare([owner], signal)
    const rows = Array.from({ length: Math.min(batch, count - from + 1) }, (_, at) => {
      const id = newUuid()
      const vector = encodeVector(quantise(embedder.model, embedding(), 'int8'))
      return {
        id,
        position: from + at,
        content: sealer.seal(owner, contentPlace(id), sentence(8 + Math.floor(random() * 24))),
        vector: sealer.seal(owner, vectorPlace(id), vector),
      }
    })
    const columns = {
      owner: room.owner,
      room: room.id,
      ids: rows.map(({ id }) => id),
      positions: rows.map(({ position }) => position),
      contents: rows.map(({ content }) => content),
      vectors: rows.map(({ vector }) => vector),
    }
    await database.statement(adding, columns, { relaxed: true })
  }
  await database.drizzle.execute(
    sql`update rooms set last_position = ${count} where owner_id = ${room.owner} and id = ${room.id}`,
  )
  return { owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }
}

const fail = (error: unknown) => {
  throw error
}
const openRecall = ({ store }: BenchHouse, keptBytes = 2 ** 30) =>
  createRecall(
    { memories: store.memories, vectors: store.vectors, embedder, onTrouble: fail },
    { precision: 'int8', keptBytes },
  )

async function lap(recall: Recall, slice: Slice): Promise<number> {
  const text = sentence(8)
  const startedAt = performance.now()
  await recall.recall([slice], { text }, 50, signal)
  return performance.now() - startedAt
}

/** What arrays of bytes take is given back only some time after their objects were collected. */
async function usedBytes(): Promise<number> {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.()
    await sleep(50)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function measure(house: BenchHouse, memories: number) {
  const slice = await fill(house, await makeRoom(house, `one ${memories}`), memories)
  await house.database.drizzle.execute(sql`analyze`)
  const coldLaps: number[] = []
  for (let times = 0; times < 3; times++) coldLaps.push(await lap(openRecall(house), slice))
  const before = await usedBytes()
  const recall = openRecall(house)
  await lap(recall, slice)
  const bytesEach = ((await usedBytes()) - before) / memories
  const laps: number[] = []
  for (let times = 0; times < queries; times++) laps.push(await lap(recall, slice))
  return {
    memories,
    coldMs: round(percentile(coldLaps, 0.5), 0),
    recallMs: { p50: round(percentile(laps, 0.5), 2), p95: round(percentile(laps, 0.95), 2) },
    bytesEach: round(bytesEach, 0),
  }
}

async function settlePeople(house: BenchHouse): Promise<readonly Slice[]> {
  const slices: Slice[] = []
  while (slices.length < measuredPeople)
    slices.push(await fill(house, await makeRoom(house, `person ${slices.length}`), memoriesEach))
  return slices
}

/**
 * A recall of somebody whose index is not in memory, and of somebody whose index is: among few people and among many,
 * in turn, so that both meet the same noise.
 */
async function measurePeople(
  places: readonly { house: BenchHouse; slices: readonly Slice[]; people: number }[],
) {
  const measured = places.map((place) => ({
    ...place,
    recall: openRecall(place.house, 64 * 2 ** 20),
    cold: [] as number[],
    warm: [] as number[],
  }))
  for (let times = 0; times < queries; times++) {
    const who = Math.floor(random() * measuredPeople)
    for (const { house, slices, recall, cold, warm } of measured) {
      const slice = slices[who] as Slice
      cold.push(await lap(openRecall(house), slice))
      await lap(recall, slice)
      warm.push(await lap(recall, slice))
    }
  }
  return measured.map(({ people, cold, warm }) => ({
    people,
    coldMs: { p50: round(percentile(cold, 0.5), 2), p95: round(percentile(cold, 0.95), 2) },
    recallMs: { p50: round(percentile(warm, 0.5), 2), p95: round(percentile(warm, 0.95), 2) },
  }))
}

const people = Number(values.people)
const onePerson = []
{
  await using house = await openBenchHouse(values.store)
  for (const size of values.sizes.split(',').filter(Boolean).map(Number)) {
    const figures = await measure(house, size)
    process.stderr.write(`${JSON.stringify(figures)}\n`)
    onePerson.push(figures)
  }
}
const manyPeople = []
if (people > measuredPeople) {
  await using few = await openBenchHouse(values.store)
  await using many = await openBenchHouse(values.store)
  const places = [
    { house: few, people: measuredPeople, slices: await settlePeople(few) },
    { house: many, people, slices: await settlePeople(many) },
  ]
  await addCrowd(many.database, people - measuredPeople, memoriesEach, dimensions)
  for (const { house } of places) await house.database.drizzle.execute(sql`analyze`)
  manyPeople.push(...(await measurePeople(places)))
}
process.stdout.write(`${JSON.stringify({ store: values.store, dimensions, onePerson, manyPeople })}\n`)
