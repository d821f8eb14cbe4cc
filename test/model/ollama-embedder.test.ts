import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOllamaEmbedder } from '../../src/model/ollama-embedder.ts'
import { failure, never } from '../contract/generator.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

describe('the Ollama embedder', () => {
  let server: OllamaServer
  const open = (model = 'nomic') => openOllamaEmbedder({ hosts: [server.url], model }, never)
  const embeds = () => server.requests.filter(({ path }) => path === '/api/embed').slice(1)

  beforeEach(async () => {
    server = await startOllamaServer({
      models: [{ name: 'nomic:latest', capabilities: ['embedding'], embeddingLength: 5, contextTokens: 100 }],
    })
    server.embedding = (text, length) => Array.from({ length }, (_, index) => text.length + index / 8)
  })
  afterEach(() => server[Symbol.asyncDispose]())

  it('knows its dimensions and gives a vector for each text, in order', async () => {
    const embedder = await open()
    expect(embedder).toMatchObject({ model: 'nomic', dimensions: 5 })
    const vectors = await embedder.embed(['a', 'bbb', ''], 'document', never)
    expect(vectors.map((vector) => [...vector])).toEqual([
      [1, 1.125, 1.25, 1.375, 1.5],
      [3, 3.125, 3.25, 3.375, 3.5],
      [0, 0.125, 0.25, 0.375, 0.5],
    ])
    expect(vectors[0]).toBeInstanceOf(Float32Array)
    expect(await embedder.embed([], 'document', never)).toEqual([])
  })

  it('asks for 64 at a time, and that nothing be cut', async () => {
    const embedder = await open()
    const texts = Array.from({ length: 130 }, (_, index) => 'x'.repeat(index))
    const vectors = await embedder.embed(texts, 'document', never)
    expect(vectors.map(([first]) => first)).toEqual(texts.map(({ length }) => length))
    expect(embeds().map(({ body }) => body.input?.length)).toEqual([64, 64, 2])
    expect(embeds()[0]!.body).toMatchObject({ truncate: false, options: { num_ctx: 100 }, keep_alive: '30m' })
  })

  it('refuses a text that is too long instead of cutting it', async () => {
    const embedder = await open()
    expect(await failure(embedder.embed(['x'.repeat(1000)], 'document', never))).toMatchObject({
      code: 'prompt-too-long',
    })
  })

  it.each([
    ['a number that is none', () => [1, null, 3, 4, 5]],
    ['another dimension', () => [1, 2, 3]],
    ['no numbers', () => []],
  ])('refuses %s', async (_, embedding) => {
    const embedder = await open()
    server.embedding = embedding
    expect(await failure(embedder.embed(['a'], 'document', never))).toMatchObject({
      code: 'bad-embedding',
      retryable: false,
    })
  })

  it('refuses another number of vectors than texts', async () => {
    const embedder = await open()
    server.intercept = (path) =>
      path === '/api/embed' ? { status: 200, body: { embeddings: [[1, 2, 3, 4, 5]] } } : undefined
    expect(await failure(embedder.embed(['a', 'b'], 'document', never))).toMatchObject({
      code: 'bad-embedding',
    })
  })

  it('says how to get the model when no host has it', async () => {
    expect(await failure(open('absent'))).toMatchObject({
      code: 'model-missing',
      mend: 'Run: ollama pull absent',
    })
  })

  it('goes to the next host when one fails, and back to the first', async () => {
    await using second = await startOllamaServer({ models: server.models })
    second.embedding = server.embedding
    const embedder = await openOllamaEmbedder({ hosts: [server.url, second.url], model: 'nomic' }, never)
    server.intercept = () => ({ status: 503, body: { error: 'server busy' } })
    expect((await embedder.embed(['ab'], 'document', never))[0]![0]).toBe(2)
    expect(second.requests.map(({ path }) => path)).toContain('/api/embed')
    server.intercept = undefined
    const before = second.requests.length
    await embedder.embed(['ab'], 'document', never)
    expect(second.requests.length).toBe(before)
  })

  it('stops when it is aborted', async () => {
    const embedder = await open()
    await expect(embedder.embed(['a'], 'document', AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    )
  })
})
