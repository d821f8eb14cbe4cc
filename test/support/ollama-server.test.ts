import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type OllamaServer, startOllamaServer } from './ollama-server.ts'

describe('the scripted Ollama server', () => {
  let server: OllamaServer
  beforeEach(async () => {
    server = await startOllamaServer({
      models: [
        { name: 'm:latest', contextTokens: 100, capabilities: ['completion', 'vision'], embeddingLength: 3 },
      ],
    })
  })
  afterEach(() => server[Symbol.asyncDispose]())

  const post = (path: string, body: unknown, signal: AbortSignal | null = null): Promise<Response> =>
    fetch(server.url + path, { method: 'POST', body: JSON.stringify(body), signal })
  const json = async (response: Promise<Response>) => JSON.parse(await (await response).text())
  const chat = { model: 'm', messages: [{ role: 'user', content: 'Hello.' }] }
  const linesOf = async (response: Response) =>
    (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('streams a line a piece, and the counts and durations in the last', async () => {
    server.script = (body) => `You said: ${body.messages?.at(-1)?.content}`
    const response = await post('/api/chat', chat)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = await linesOf(response)
    expect(lines.map(({ message }) => message.content)).toEqual(['You', ' said:', ' Hello.', ''])
    expect(lines.at(-1)).toEqual({
      model: 'm',
      created_at: expect.any(String),
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'stop',
      total_duration: expect.any(Number),
      load_duration: expect.any(Number),
      prompt_eval_count: 6,
      prompt_eval_duration: expect.any(Number),
      eval_count: 3,
      eval_duration: expect.any(Number),
    })
  })

  it('keeps to the longest reply and to stop strings, also those that are spread over pieces', async () => {
    server.script = () => ({ pieces: ['one', ' two', '\nA', 'da:', ' three'] })
    const limited = await linesOf(await post('/api/chat', { ...chat, options: { num_predict: 1 } }))
    expect(limited.map(({ message }) => message.content)).toEqual(['one', ''])
    expect(limited.at(-1)).toMatchObject({ done_reason: 'length', eval_count: 1 })
    const stopped = await linesOf(await post('/api/chat', { ...chat, options: { stop: ['\nAda:'] } }))
    expect(stopped.map(({ message }) => message.content).join('')).toBe('one two')
    expect(stopped.at(-1)).toMatchObject({ done_reason: 'stop' })
  })

  it('refuses what does not fit when nothing may be cut, and cuts it otherwise', async () => {
    const long = { ...chat, messages: [{ role: 'user', content: 'x'.repeat(1000) }] }
    const refused = await post('/api/chat', { ...long, truncate: false })
    expect(refused.status).toBe(400)
    expect(JSON.parse(await refused.text()).error).toContain('exceed_context_size_error')
    const lines = await linesOf(await post('/api/chat', long))
    expect(lines.at(-1)).toMatchObject({ done: true, prompt_eval_count: 100 })
  })

  it('tells about its models, and answers 404 for another', async () => {
    expect((await json(fetch(`${server.url}/api/tags`))).models[0]).toMatchObject({
      name: 'm:latest',
    })
    expect(await (await post('/api/show', { model: 'm' })).json()).toMatchObject({
      capabilities: ['completion', 'vision'],
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 100 },
    })
    expect(await (await fetch(`${server.url}/api/version`)).json()).toEqual({ version: expect.any(String) })
    for (const path of ['/api/show', '/api/chat', '/api/embed']) {
      const response = await post(path, { ...chat, model: 'other', input: 'a' })
      expect([response.status, JSON.parse(await response.text()).error]).toEqual([
        404,
        expect.stringContaining('not found'),
      ])
    }
    expect((await post('/api/pull', {})).status).toBe(404)
  })

  it('embeds', async () => {
    const body = await json(post('/api/embed', { model: 'm', input: ['a', 'b'] }))
    expect(body.embeddings.map((vector: number[]) => vector.length)).toEqual([3, 3])
    const refused = await post('/api/embed', { model: 'm', input: ['x'.repeat(1000)], truncate: false })
    expect(await refused.json()).toEqual({ error: 'the input length exceeds the context length' })
  })

  it('records what came in, and whether the client hung up', async () => {
    server.script = () => ({ pieces: ['a', 'b'], fault: { kind: 'silence', after: 1 } })
    const stop = new AbortController()
    const response = await post('/api/chat', { ...chat, keep_alive: '5m' }, stop.signal)
    await response.body?.getReader().read()
    expect(server.chats()[0]).toMatchObject({
      path: '/api/chat',
      body: { keep_alive: '5m' },
      sent: 1,
      state: 'open',
    })
    stop.abort()
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
    await (await fetch(`${server.url}/api/tags`)).text()
    await vi.waitFor(() => expect(server.requests.at(-1)!.state).toBe('answered'))
  })

  it('keeps its pace', async () => {
    server.script = () => ({ pieces: ['a', 'b', 'c'], paceMs: 20, delayMs: 20 })
    const begun = performance.now()
    await (await post('/api/chat', chat)).text()
    expect(performance.now() - begun).toBeGreaterThan(50)
  })

  it('cuts the connection, ends without a last line, sends an error or anything else, as it is told', async () => {
    server.script = () => ({ pieces: ['a', 'b'], fault: { kind: 'cut', after: 1 } })
    await expect((await post('/api/chat', chat)).text()).rejects.toThrow()
    server.script = () => ({ pieces: ['a', 'b'], fault: { kind: 'end-without-done', after: 1 } })
    expect((await linesOf(await post('/api/chat', chat))).map(({ done }) => done)).toEqual([false])
    server.script = () => ({
      pieces: ['a', 'b'],
      fault: { kind: 'end-without-done', after: 2, bytes: `{"error":"no"}\n` },
    })
    expect((await linesOf(await post('/api/chat', chat))).at(-1)).toEqual({ error: 'no' })
    server.script = () => ({ pieces: ['a'], fault: { kind: 'bytes-only', after: 0, bytes: 'nonsense\n' } })
    expect((await (await post('/api/chat', chat)).text()).split('\n')[0]).toBe('nonsense')
    server.script = () => ({ status: 503, body: '<html>', headers: { 'x-test': '1' } })
    const refused = await post('/api/chat', chat)
    expect([refused.status, refused.headers.get('x-test'), await refused.text()]).toEqual([
      503,
      '1',
      '<html>',
    ])
  })

  it('comes back on the same port', async () => {
    const port = Number(new URL(server.url).port)
    await server[Symbol.asyncDispose]()
    await expect(fetch(server.url)).rejects.toThrow()
    server = await startOllamaServer({ port })
    expect(await (await fetch(server.url)).text()).toBe('Ollama is running')
  })

  it('stops while replies are under way', async () => {
    server.script = () => ({ pieces: ['a', 'b'], fault: { kind: 'silence', after: 1 } })
    const response = await post('/api/chat', chat)
    await server[Symbol.asyncDispose]()
    await expect(response.text()).rejects.toThrow()
  })
})
