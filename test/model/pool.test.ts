import { afterEach, describe, expect, it, vi } from 'vitest'
import type { GenerateOptions, Piece } from '../../src/core/model.ts'
import { createPool, type Pool, type PoolEvent, type PoolOptions } from '../../src/model/pool.ts'
import { collect, failure, generatorContract, hello, never, plainOptions } from '../contract/generator.ts'
import type { ServedModel } from '../support/ollama-script.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

generatorContract('the pool', async () => {
  const server = await startOllamaServer({ script: () => 'I am well, thank you, and very glad to see you.' })
  const pool = createPool({ hosts: [{ url: server.url }] })
  return {
    generator: pool,
    model: 'hearth-test',
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
})

describe('the pool of hosts', () => {
  const opened: AsyncDisposable[] = []
  const events: PoolEvent[] = []
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
    events.splice(0)
  })

  async function serve(
    models: readonly ServedModel[] = [{ name: 'm:latest' }],
    port = 0,
  ): Promise<OllamaServer> {
    const server = await startOllamaServer({ models, port })
    server.script = () => `I am ${server.url}`
    opened.push(server)
    return server
  }
  function open(servers: readonly OllamaServer[], options: Partial<PoolOptions> = {}): Pool {
    const hosts = servers.map(({ url }) => ({ url }))
    const pool = createPool({ hosts, observe: (event) => events.push(event), ...options })
    opened.push(pool)
    return pool
  }
  const say = (pool: Pool, options: Partial<GenerateOptions> = {}, signal = never): AsyncIterable<Piece> =>
    pool.generate(hello, { ...plainOptions, ...options }, signal)
  const ask = async (pool: Pool, options: Partial<GenerateOptions> = {}, signal = never): Promise<string> =>
    (await collect(say(pool, options, signal))).text
  const failing = { status: 500, body: { error: 'llama-server process has terminated' } } as const

  it('uses the configured model, else the newest chat model, and describes each once', async () => {
    const server = await serve([
      { name: 'old:latest', modifiedAt: '2026-01-01T00:00:00Z' },
      { name: 'new:latest', modifiedAt: '2026-02-01T00:00:00Z' },
    ])
    const pool = open([server])
    await ask(pool)
    await ask(pool)
    expect(server.chats().map(({ body }) => body.model)).toEqual(['new:latest', 'new:latest'])
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/tags',
      '/api/show',
      '/api/chat',
      '/api/chat',
    ])
    const configured = open([server], { chat: 'old' })
    await ask(configured)
    expect(server.chats().at(-1)!.body.model).toBe('old')
    await ask(configured, { model: 'new' })
    expect(server.chats().at(-1)!.body.model).toBe('new')
  })

  it('tells what the model can do, within what the operator allows', async () => {
    const server = await serve([
      { name: 'm:latest', contextTokens: 32_768, capabilities: ['completion', 'vision', 'thinking'] },
    ])
    expect(await open([server]).info(undefined, never)).toEqual({
      name: 'm:latest',
      where: server.url,
      contextTokens: 32_768,
      sees: true,
      thinks: true,
      continues: false,
      pocket: false,
    })
    const capped = open([server], { contextTokens: 4096 })
    expect((await capped.info('m', never)).contextTokens).toBe(4096)
    await ask(capped, { contextTokens: 30_000 })
    expect(server.chats().at(-1)!.body.options?.num_ctx).toBe(4096)
  })

  it('says that there is no chat model, or no server at all', async () => {
    const server = await serve([{ name: 'nomic:latest', capabilities: ['embedding'] }])
    const pool = open([server])
    expect(await failure(ask(pool))).toMatchObject({
      code: 'no-chat-model',
      mend: 'Run: ollama pull llama3.2',
    })
    await server[Symbol.asyncDispose]()
    expect(await failure(ask(pool))).toMatchObject({
      code: 'unreachable',
      mend: 'Start it with: ollama serve',
    })
  })

  it('names every host that lacks the model, and finds it once it has been pulled elsewhere', async () => {
    const [a, b] = [await serve(), await serve()]
    const error = await failure(ask(open([a, b]), { model: 'x' }))
    expect(error.message).toBe(`model "x" is not on ${a.url} or ${b.url}`)
    b.models = [{ name: 'x:latest' }]
    expect(await ask(open([a, b]), { model: 'x' })).toContain(b.url)
  })

  it('keeps a conversation on its host, and puts new ones where there are fewest', async () => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b])
    const first = new Map<string, string>()
    for (const stickiness of ['1', '2', '3', '4']) first.set(stickiness, await ask(pool, { stickiness }))
    expect(new Set(first.values()).size).toBe(2)
    for (const [stickiness, text] of [...first, ...first]) expect(await ask(pool, { stickiness })).toBe(text)
    expect(a.chats()).toHaveLength(6)
    expect(b.chats()).toHaveLength(6)
  })

  it('spreads what comes at once over all hosts', async () => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b])
    await Promise.all(['1', '2', '3', '4'].map((room) => ask(pool, { stickiness: room, fairness: room })))
    expect([a.chats().length, b.chats().length]).toEqual([2, 2])
  })

  it('asks another host when one fails before anything was shown, and moves the conversation there', async () => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b])
    const home = (await ask(pool)).includes(a.url) ? a : b
    const other = home === a ? b : a
    home.script = () => failing
    expect(await ask(pool)).toContain(other.url)
    expect(await ask(pool)).toContain(other.url)
    expect(home.chats()).toHaveLength(2)
    expect(events).toContainEqual({ kind: 'failed', host: home.url, model: 'm:latest', code: 'model-failed' })
    expect(events).toContainEqual({ kind: 'rested', host: home.url, pauseMs: 1000 })
  })

  it.each([
    ['cut', { kind: 'cut', after: 0 }],
    ['error-line', { kind: 'end-without-done', after: 0, bytes: `{"error":"CUDA error"}\n` }],
    ['garbage', { kind: 'bytes-only', after: 0, bytes: '<html>\n' }],
    ['silence', { kind: 'silence', after: 0 }],
  ] as const)('asks another host after %s', async (_, fault) => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b], { loadMs: 100 })
    a.script = () => ({ pieces: ['never shown'], fault })
    expect(await ask(pool, { stickiness: '1' })).toContain(b.url)
    expect(await ask(pool, { stickiness: '2' })).toContain(b.url)
    expect(a.chats().length).toBeGreaterThan(0)
  })

  it('asks another host that has the model when one has lost it', async () => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b])
    await ask(pool, { stickiness: '1', model: 'm' })
    await ask(pool, { stickiness: '2', model: 'm' })
    a.models = []
    expect(await ask(pool, { stickiness: '1', model: 'm' })).toContain(b.url)
    expect(await ask(pool, { stickiness: '2', model: 'm' })).toContain(b.url)
    expect(await ask(pool, { stickiness: '3', model: 'm' })).toContain(b.url)
    expect(a.chats()).toHaveLength(2)
    expect(events.filter(({ kind }) => kind === 'rested')).toEqual([])
  })

  it('does not begin anew once something has been shown', async () => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b])
    const dies = () => ({
      pieces: ['Hello', ' you', ' there'],
      paceMs: 10,
      fault: { kind: 'end-without-done', after: 2, bytes: `{"error":"x"}\n` } as const,
    })
    a.script = dies
    b.script = dies
    const shown: Piece[] = []
    const error = await failure(
      (async () => {
        for await (const piece of say(pool)) shown.push(piece)
      })(),
    )
    expect(error).toMatchObject({ code: 'died-mid-reply', retryable: true })
    expect(shown).toEqual([
      { kind: 'text', text: 'Hello' },
      { kind: 'text', text: ' you' },
    ])
    expect(a.chats().length + b.chats().length).toBe(1)
  })

  it('tries the same host once more when a connection broke and there is no other', async () => {
    const server = await serve()
    const pool = open([server])
    let calls = 0
    server.script = () =>
      ++calls === 1 ? { pieces: ['x'], fault: { kind: 'cut', after: 0 } } : 'Here again.'
    expect(await ask(pool)).toBe('Here again.')
    server.script = () => ({ pieces: ['x'], fault: { kind: 'cut', after: 0 } })
    expect(await failure(ask(pool))).toMatchObject({ code: 'died-mid-reply', retryable: true })
    expect(server.chats()).toHaveLength(4)
  })

  it('tries no other host when the prompt is too long everywhere', async () => {
    const [a, b] = [await serve(), await serve()]
    const prompt = [{ role: 'user', text: 'x'.repeat(10_000) }] as const
    const options = { ...plainOptions, contextTokens: 512 }
    const error = await failure(collect(open([a, b]).generate(prompt, options, never)))
    expect(error).toMatchObject({ code: 'prompt-too-long', retryable: false })
    expect(a.chats().length + b.chats().length).toBe(1)
  })

  it('uses a resting host when there is no other, and finds it well as soon as it answers', async () => {
    const server = await serve()
    const pool = open([server])
    server.script = () => failing
    expect(await failure(ask(pool))).toMatchObject({ code: 'model-failed', retryable: true })
    expect(pool.status().hosts[0]!.well).toBe(false)
    server.script = () => 'Well again.'
    expect(await ask(pool)).toBe('Well again.')
    expect(pool.status().hosts[0]!.well).toBe(true)
    expect(events).toContainEqual({ kind: 'recovered', host: server.url })
  })

  it('looks after a resting host by itself, and pauses longer each time', async () => {
    const server = await serve()
    const pool = open([server])
    await ask(pool)
    const port = Number(new URL(server.url).port)
    await server[Symbol.asyncDispose]()
    expect(await failure(ask(pool))).toMatchObject({ code: 'unreachable' })
    const pauses = () => events.flatMap((event) => (event.kind === 'rested' ? [event.pauseMs] : []))
    await vi.waitFor(() => expect(pauses()).toEqual([1000, 2000]), 5_000)
    await serve([{ name: 'm:latest' }], port)
    await vi.waitFor(() => expect(pool.status().hosts[0]!.well).toBe(true), 5_000)
  })

  it('leaves a dead host alone while another one is there', async () => {
    const [a, b] = [await serve(), await serve()]
    const pool = open([a, b])
    await a[Symbol.asyncDispose]()
    for (const stickiness of ['1', '2', '3']) expect(await ask(pool, { stickiness })).toContain(b.url)
  })

  it('tells what happens, without a word of what was said', async () => {
    const server = await serve()
    await ask(open([server]))
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'first-text', 'finished'])
    expect(events[2]).toMatchObject({ host: server.url, model: 'm:latest', promptTokens: 29, replyTokens: 3 })
    expect(JSON.stringify(events)).not.toContain('Hello')
  })

  it('ends every call when it is closed, those that wait too', async () => {
    const server = await serve()
    server.script = () => ({ pieces: ['a'], fault: { kind: 'silence', after: 0 } })
    const pool = open([server])
    const calls = [ask(pool), ask(pool)].map(failure)
    await vi.waitFor(() => expect(pool.status()).toMatchObject({ waiting: 1, hosts: [{ running: 1 }] }))
    await pool[Symbol.asyncDispose]()
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['pool-closed', 'pool-closed'])
    expect(await failure(ask(pool))).toMatchObject({ code: 'pool-closed' })
    await vi.waitFor(() => expect(server.chats().map(({ state }) => state)).toEqual(['hung-up']))
  })
})
