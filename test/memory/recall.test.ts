import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelError } from '../../src/core/errors.ts'
import { newUuid, ownerId, roomId } from '../../src/core/ids.ts'
import type { Embedder, EmbeddingKind } from '../../src/core/model.ts'
import type { Slice } from '../../src/core/recall.ts'
import { createRecall, type Question, type RecallOptions } from '../../src/memory/recall.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'

const never = new AbortController().signal
const options: RecallOptions = { precision: 'int8', keptBytes: 2 ** 20 }

/** Knows three things to speak of, and takes a text for the one whose words it has. */
function topicEmbedder(model = 'topics') {
  const topics = [/boat|sail|harbour/, /bread|oven|flour/, /snow|pass|mountain/]
  const asked: { readonly texts: readonly string[]; readonly kind: EmbeddingKind }[] = []
  const embedder: Embedder = {
    model,
    dimensions: 3,
    async embed(texts, kind, signal) {
      signal.throwIfAborted()
      asked.push({ texts, kind })
      return texts.map((text) => Float32Array.from(topics, (topic) => (topic.test(text) ? 1 : 0.1)))
    },
  }
  return { embedder, asked }
}

const [, postgres] = databases

describe('recall', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(postgres)
  })
  afterAll(() => opened[Symbol.asyncDispose]())

  const fail = (error: unknown) => {
    throw error
  }
  const openRecall = (embedder?: Embedder, more: Partial<RecallOptions> = {}) =>
    createRecall(
      { memories: opened.store.memories, vectors: opened.store.vectors, embedder, onTrouble: fail },
      { ...options, ...more },
    )

  async function talk(...texts: string[]) {
    const self = scene(opened)
    const said = []
    for (const text of texts) said.push(await self.say(text, { id: text.slice(0, 100) }))
    const { room } = said.at(-1) ?? { room: undefined }
    if (room === undefined) throw new Error('nothing was said')
    const audience = await opened.store.memories.readAudience(room, self.doorway.persona)
    return { self, room, audience }
  }
  const first = async (recall: ReturnType<typeof openRecall>, audience: readonly Slice[], text: string) =>
    (await recall.recall(audience, { text }, 1, never))[0]?.memory.text

  test('goes by words alone without an embedder, and has nothing to embed', async () => {
    const { audience } = await talk('My boat leaks.', 'The bread burned.')
    const recall = openRecall()
    expect(await first(recall, audience, 'boats')).toBe('My boat leaks.')
    expect(await recall.embedMissing(audience, 10, never)).toBe(0)
  })

  test('waits for the embedder aside', async () => {
    const { audience } = await talk('My boat leaks.', 'The bread burned.')
    const { embedder, asked } = topicEmbedder()
    const recall = openRecall(embedder)
    await recall.embedMissing(audience, 10, never)
    const [before, within] = [asked.length, [] as number[]]
    const aside: Question['aside'] = async (work) => {
      const found = await work()
      within.push(asked.length - before)
      return found
    }
    const [best] = await recall.recall(audience, { text: 'we sail at noon', aside }, 1, never)
    expect([best?.memory.text, within]).toEqual(['My boat leaks.', [1]])
  })

  test('embeds what lacks a vector, the newest first, and finds by meaning then', async () => {
    const { audience, room } = await talk('My boat leaks.', 'The bread burned.', 'Snow fell.')
    const { embedder, asked } = topicEmbedder()
    const recall = openRecall(embedder)
    expect(await recall.embedMissing(audience, 2, never)).toBe(2)
    expect(asked).toEqual([{ texts: ['Snow fell.', 'The bread burned.'], kind: 'document' }])
    expect(await recall.embedMissing(audience, 2, never)).toBe(1)
    expect(await recall.embedMissing(audience, 2, never)).toBe(0)
    expect(await first(recall, audience, 'we sail at noon')).toBe('My boat leaks.')
    expect(asked.at(-1)).toEqual({ texts: ['we sail at noon'], kind: 'query' })
    const rows = await query(opened.database, sql`select model from vectors where room_id = ${room.id}`)
    expect(rows).toEqual([{ model: 'topics' }, { model: 'topics' }, { model: 'topics' }])
    // Another process finds them made.
    const other = topicEmbedder()
    expect(await openRecall(other.embedder).embedMissing(audience, 10, never)).toBe(0)
    expect(other.asked).toEqual([])
  })

  test('another model makes its own vectors, in the place of those of the one before', async () => {
    const { audience, room } = await talk('My boat leaks.')
    await openRecall(topicEmbedder('old').embedder).embedMissing(audience, 10, never)
    const recall = openRecall(topicEmbedder('new').embedder)
    expect(await recall.embedMissing(audience, 10, never)).toBe(1)
    const rows = await query(opened.database, sql`select model from vectors where room_id = ${room.id}`)
    expect(rows).toEqual([{ model: 'new' }])
  })

  test('hears of what comes, changes and goes, also by another process', async () => {
    const { audience, self } = await talk('My boat leaks.')
    const { embedder } = topicEmbedder()
    const recall = openRecall(embedder)
    await recall.embedMissing(audience, 10, never)
    expect(await first(recall, audience, 'boat')).toBe('My boat leaks.')
    await self.say('I sold the boat.', { id: 'sold' })
    expect(await first(recall, audience, 'boat sold')).toBe('I sold the boat.')
    await self.edit('sold', 'I gave the canoe away.')
    expect(await first(recall, audience, 'canoe')).toBe('I gave the canoe away.')
    await self.redact('sold')
    await self.redact('My boat leaks.')
    expect(await recall.recall(audience, { text: 'boat sold canoe' }, 5, never)).toEqual([])
  })

  test('an audience of several rooms has the memories of all of them, each embedded where it stands', async () => {
    const one = await talk('My boat leaks.')
    const two = await talk('The bread burned.')
    const both = [...one.audience, ...two.audience]
    const { embedder } = topicEmbedder()
    const recall = openRecall(embedder)
    expect(await recall.embedMissing(both, 10, never)).toBe(2)
    expect(await first(recall, both, 'flour')).toBe('The bread burned.')
    expect(await first(recall, both, 'sail')).toBe('My boat leaks.')
    expect(await recall.embedMissing(two.audience, 10, never)).toBe(0)
    expect(await first(recall, one.audience, 'bread')).toBe('My boat leaks.')
  })

  test('of several rooms it reads those alone in which something has come or changed', async () => {
    const talks = [await talk('My boat leaks.'), await talk('The bread burned.'), await talk('It rains.')]
    const all = talks.flatMap(({ audience }) => audience)
    const read: string[] = []
    const { memories, vectors } = opened.store
    const counting: typeof memories = {
      ...memories,
      readMemories(slice, since) {
        read.push(slice.room)
        return memories.readMemories(slice, since)
      },
    }
    const recall = createRecall(
      { memories: counting, vectors, embedder: undefined, onTrouble: fail },
      options,
    )
    expect(await first(recall, all, 'bread')).toBe('The bread burned.')
    expect(read.splice(0)).toEqual(all.map(({ room }) => room))
    expect(await first(recall, all, 'bread')).toBe('The bread burned.')
    expect(read.splice(0)).toEqual([])
    await talks[1]?.self.edit('The bread burned.', 'The cake burned.')
    await talks[2]?.self.say('It snows.')
    expect(await first(recall, all, 'cake')).toBe('The cake burned.')
    expect(await first(recall, all, 'snows')).toBe('It snows.')
    expect(read.splice(0)).toEqual([all[1]?.room, all[2]?.room])
  })

  test('of an audience whose rooms are gone in part, the rest is found', async () => {
    const { audience } = await talk('My boat leaks.')
    const gone = { owner: ownerId(newUuid()), room: roomId(newUuid()), from: 0, to: 10 }
    const recall = openRecall()
    expect(await first(recall, [gone, ...audience, gone], 'boat')).toBe('My boat leaks.')
    expect(await first(recall, [gone, ...audience, gone], 'boat')).toBe('My boat leaks.')
  })

  test('what is shown is neither searched nor in the way of what is called to mind by meaning', async () => {
    const { audience, room, self } = await talk('My boat leaks.', 'The bread burned.', 'It rains.')
    const { embedder } = topicEmbedder()
    const recall = openRecall(embedder)
    const question = 'Shall we sail at noon?'
    await self.say(question)
    await recall.embedMissing(audience, 10, never)
    const shown = { room: room.id, from: 3 }
    const found = await recall.recall(audience, { text: question, shown }, 5, never)
    expect(found.map(({ memory }) => memory.text)).toEqual(['My boat leaks.', 'The bread burned.'])
    const all = { room: room.id, from: 1 }
    expect(await recall.recall(audience, { text: question, shown: all }, 5, never)).toEqual([])
  })

  test('what has come since is read when it is not shown any more, and at once where something changed', async () => {
    const { audience, room, self } = await talk('My boat leaks.', 'The bread burned.')
    const read: string[] = []
    const { memories, vectors } = opened.store
    const counting: typeof memories = {
      ...memories,
      readMemories(slice, since) {
        read.push(slice.room)
        return memories.readMemories(slice, since)
      },
    }
    const recall = createRecall(
      { memories: counting, vectors, embedder: undefined, onTrouble: fail },
      options,
    )
    const ask = async (text: string, from: number) => {
      const places = await memories.readPlaces(audience)
      const question = { text, shown: { room: room.id, from }, places }
      return [(await recall.recall(audience, question, 1, never))[0]?.memory.text, read.splice(0).length]
    }
    expect(await ask('boat', 2)).toEqual(['My boat leaks.', 1])
    await self.say('The sail is torn.')
    expect(await ask('sail', 2)).toEqual(['My boat leaks.', 0])
    await self.edit('My boat leaks.', 'My canoe leaks.')
    expect(await ask('canoe', 2)).toEqual(['My canoe leaks.', 1])
    for (const text of ['It rains.', 'It pours.', 'It snows.']) await self.say(text)
    expect(await ask('sail', 4)).toEqual(['The sail is torn.', 0])
    expect(await ask('rains', 5)).toEqual(['It rains.', 1])
  })

  test('what nobody asks for again is let go of by its age, and what was forgotten by its owner', async () => {
    const [one, two] = [await talk('My boat leaks.'), await talk('The bread burned.')]
    const whole: string[] = []
    const { memories, vectors } = opened.store
    const counting: typeof memories = {
      ...memories,
      readMemories(slice, since) {
        if (since === undefined) whole.push(slice.room)
        return memories.readMemories(slice, since)
      },
    }
    const recall = createRecall(
      { memories: counting, vectors, embedder: undefined, onTrouble: fail },
      options,
    )
    const reads = async () => {
      for (const { audience } of [one, two]) await recall.recall(audience, { text: 'boat' }, 1, never)
      return whole.splice(0)
    }
    const both = [one, two].map(({ room }) => room.id)
    expect(await reads()).toEqual(both)
    recall.sweep(performance.now() + 8 * 60_000)
    expect(await reads()).toEqual([])
    // It is not looked at before the next time, and would be too old by then.
    recall.sweep(performance.now() + 9.5 * 60_000)
    expect(await reads()).toEqual(both)
    recall.letGoOf(new Set([ownerId(newUuid())]))
    expect(await reads()).toEqual([])
    recall.letGoOf(new Set([one.room.owner]))
    expect(await reads()).toEqual(both)
  })

  test('asked twice at once, it reads once after the other', async () => {
    const { audience } = await talk('My boat leaks.', 'The bread burned.')
    const recall = openRecall()
    const found = await Promise.all(['boat', 'bread', 'boat'].map((text) => first(recall, audience, text)))
    expect(found).toEqual(['My boat leaks.', 'The bread burned.', 'My boat leaks.'])
  })

  test('an audience for which there is no room is read anew the next time', async () => {
    const { audience } = await talk('My boat leaks.')
    const recall = openRecall(undefined, { keptBytes: 0 })
    expect(await first(recall, audience, 'boat')).toBe('My boat leaks.')
    expect(await first(recall, audience, 'boat')).toBe('My boat leaks.')
  })

  test('a text that is too long for the model counts by its beginning, and holds up no other', async () => {
    const { audience } = await talk('The bread burned.', `My boat leaks. ${'Water everywhere. '.repeat(60)}`)
    const { embedder } = topicEmbedder()
    const narrow: Embedder = {
      ...embedder,
      async embed(texts, kind, signal) {
        if (texts.some(({ length }) => length > 300))
          throw modelError('too long', { code: 'prompt-too-long' })
        return await embedder.embed(texts, kind, signal)
      },
    }
    const recall = openRecall(narrow)
    expect(await recall.embedMissing(audience, 10, never)).toBe(2)
    expect(await recall.embedMissing(audience, 10, never)).toBe(0)
    expect(await first(recall, audience, 'we sail at noon')).toMatch(/^My boat/)
  })

  test('stops when it is told to', async () => {
    const { audience } = await talk('My boat leaks.')
    const stopped = AbortSignal.abort(new Error('enough'))
    await expect(openRecall().recall(audience, { text: 'boat' }, 1, stopped)).rejects.toThrow('enough')
  })
})
