import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Room } from '../../src/core/conversation.ts'
import type { MemoryPlace, OpenedMemories, Slice, Vector } from '../../src/core/recall.ts'
import { quantise } from '../../src/memory/quantise.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, query, scene } from './harness.ts'

const vector = (...values: number[]): Vector => quantise('m', Float32Array.from(values), 'int8')

describe.each(databases)('memories over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened[Symbol.asyncDispose]())

  function reading(room: Room) {
    const slice: Slice = { owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }
    let place: MemoryPlace | undefined
    return {
      slice,
      async next(): Promise<OpenedMemories> {
        const page = await opened.store.memories.readMemories(slice, place)
        if (page === undefined) throw new Error('it has to be read anew')
        place = page.place
        return await page.open()
      },
      async embed(page: Pick<OpenedMemories, 'memories'>, given: Vector) {
        const vectors = page.memories.map(({ memory }) => ({ memory, vector: given }))
        await opened.store.vectors.writeVectors(slice, vectors)
      },
      isLost: async () => (await opened.store.memories.readMemories(slice, place)) === undefined,
    }
  }
  const texts = ({ memories }: OpenedMemories) => memories.map(({ memory }) => memory.text)
  const countVectors = async (room: Room) =>
    (await query(opened.database, sql`select 1 from vectors where room_id = ${room.id}`)).length

  test('all is read once, and then what is new', async () => {
    const self = scene(opened)
    await self.say('My boat is called Wren.')
    const { room } = await self.say('She leaks.')
    const reader = reading(room)
    const first = await reader.next()
    expect(first.memories.map(({ memory }) => [memory.speaker, memory.text])).toEqual([
      ['Ada', 'My boat is called Wren.'],
      ['Ada', 'She leaks.'],
    ])
    expect(texts(await reader.next())).toEqual([])
    await self.answer('Poor boat.')
    const [reply] = (await reader.next()).memories
    expect(reply?.memory).toMatchObject({ speaker: 'wren', text: 'Poor boat.', anchor: 2, position: 3 })
  })

  test('a slice holds nothing from before and after it', async () => {
    const self = scene(opened)
    await self.say('one')
    await self.say('two')
    const { room } = await self.say('three')
    const slice = { owner: room.owner, room: room.id, from: 2, to: 2 }
    const page = await opened.store.memories.readMemories(slice, undefined)
    expect(page && texts(await page.open())).toEqual(['two'])
    await self.say('four')
    await self.redact('m-none')
    const after = await opened.store.memories.readMemories(slice, page?.place)
    expect(await after?.open()).toEqual({ memories: [], gone: [] })
  })

  test('a vector comes back as it was, and is read by who has read its message before', async () => {
    const self = scene(opened)
    const { room } = await self.say('My boat is called Wren.')
    const reader = reading(room)
    await reader.embed(await reader.next(), vector(1, -2, 3))
    const [read] = (await reader.next()).memories
    expect(read?.vector).toEqual(vector(1, -2, 3))
    const floats = quantise('m', Float32Array.of(0.1, 0.2), 'float32')
    await reader.embed({ memories: read ? [read] : [] }, floats)
    expect((await reader.next()).memories[0]?.vector).toEqual(floats)
    expect(await countVectors(room)).toBe(1)
  })

  test('an edit brings the new words without the old vector', async () => {
    const self = scene(opened)
    const { room } = await self.say('My boat is called Wren.', { id: 'boat' })
    const reader = reading(room)
    const before = await reader.next()
    await reader.embed(before, vector(1, 2, 3))
    await reader.next()
    await self.edit('boat', 'My boat is called Heron.')
    expect(await countVectors(room)).toBe(0)
    const after = await reader.next()
    expect(texts(after)).toEqual(['My boat is called Heron.'])
    expect(after.memories[0]?.vector).toBeUndefined()
    // Somebody was still embedding what it said before.
    await reader.embed(before, vector(1, 2, 3))
    expect(await countVectors(room)).toBe(0)
  })

  test('what was redacted is gone with its vector, and so is the reply to it', async () => {
    const self = scene(opened)
    const { room } = await self.say('My boat is called Wren.', { id: 'secret' })
    await self.answer('A fine name.')
    const reader = reading(room)
    const before = await reader.next()
    await reader.embed(before, vector(1, 2, 3))
    expect(await countVectors(room)).toBe(2)
    await reader.next()
    await self.redact('secret')
    const { memories, gone } = await reader.next()
    expect(memories).toEqual([])
    expect(new Set(gone)).toEqual(new Set(before.memories.map(({ memory }) => memory.id)))
    expect(await countVectors(room)).toBe(0)
    await reader.embed(before, vector(1, 2, 3))
    expect(await countVectors(room)).toBe(0)
  })

  test('of several swipes the chosen one is recalled', async () => {
    const self = scene(opened)
    const { room } = await self.say('Name a boat.')
    await self.answer('Wren.')
    const reader = reading(room)
    expect(texts(await reader.next())).toEqual(['Name a boat.', 'Wren.'])
    await self.retry()
    await self.answer('Heron.')
    const { memories, gone } = await reader.next()
    expect(memories.map(({ memory }) => memory.text)).toEqual(['Heron.'])
    expect(gone).toHaveLength(1)
  })

  test('where a message has gone without a trace, all is read anew', async () => {
    const self = scene(opened)
    await self.say('one')
    const { room } = await self.say('two')
    const reader = reading(room)
    await reader.next()
    expect(await reader.isLost()).toBe(false)
    await opened.database.drizzle.execute(
      sql`delete from messages where room_id = ${room.id} and position = 1`,
    )
    expect(await reader.isLost()).toBe(true)
  })

  test('of many a page comes at a time, and none is passed over for what changes further on', async () => {
    const self = scene(opened)
    const { room } = await self.say('one')
    await opened.database.drizzle.execute(sql`
      insert into messages (owner_id, id, room_id, position, anchor, author, participant_id, said_at, redacted_at)
      select owner_id, gen_random_uuid(), room_id, at, at, author, participant_id, said_at, said_at
      from messages, generate_series(2, 1200) at where room_id = ${room.id}`)
    await opened.database.drizzle.execute(sql`update rooms set last_position = 1200 where id = ${room.id}`)
    await self.say('the last')
    const { slice, embed } = reading(room)
    const { memories } = opened.store
    const first = await memories.readMemories(slice, undefined)
    expect(first).toMatchObject({ place: { position: 500 }, left: 701 })
    const end = await memories.readMemories({ ...slice, from: 1201 }, undefined)
    await embed((await end?.open()) ?? { memories: [] }, vector(1, 2, 3))
    const second = await memories.readMemories(slice, first?.place)
    expect(second).toMatchObject({ place: { position: 1000 }, left: 201 })
    const third = await memories.readMemories(slice, second?.place)
    expect(third).toMatchObject({ place: { position: 1201 }, left: 0 })
    expect((await third?.open())?.memories).toMatchObject([
      { memory: { text: 'the last' }, vector: vector(1, 2, 3) },
    ])
  })

  test('neither the numbers of a vector nor the words of its message are in the database', async () => {
    const self = scene(opened)
    const { room } = await self.say('My boat is called Wren.')
    const reader = reading(room)
    await reader.embed(await reader.next(), vector(...Array.from({ length: 48 }, (_, at) => at)))
    const [row] = await query(opened.database, sql`select content from vectors where room_id = ${room.id}`)
    const plain = Buffer.from(vector(...Array.from({ length: 48 }, (_, at) => at)).values.buffer)
    expect(Buffer.from(row?.content as Uint8Array).includes(plain.subarray(8, 24))).toBe(false)
  })
})
