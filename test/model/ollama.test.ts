import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GenerateOptions, Piece, Prompt } from '../../src/core/model.ts'
import { type OllamaHost, ollamaHost } from '../../src/model/ollama.ts'
import { collect, failure, hello, never, plainOptions } from '../contract/generator.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

const patience = { keepAlive: '30m', stallMs: 5_000, loadMs: 5_000, askMs: 5_000 } as const

describe('one Ollama host', () => {
  let server: OllamaServer
  let host: OllamaHost

  beforeEach(async () => {
    server = await startOllamaServer({
      models: [
        {
          name: 'plain:latest',
          contextTokens: 4096,
          parameters: 'stop                           "<|im_end|>"\nnum_ctx  99',
        },
        { name: 'seer:latest', capabilities: ['completion', 'vision'] },
        { name: 'thinker:latest', capabilities: ['completion', 'thinking'] },
        { name: 'gpt-oss:latest', capabilities: ['completion', 'thinking'], family: 'gptoss' },
        { name: 'cloud:latest', remoteHost: 'https://ollama.com:443' },
        { name: 'opened:latest', template: '{{ .Prompt }}<|assistant|>{{ if .Go }}<think>\n{{ end }}\n' },
        { name: 'old:latest', capabilities: null, family: 'llama' },
      ],
    })
    host = ollamaHost({ url: server.url, ...patience })
  })
  afterEach(() => server[Symbol.asyncDispose]())

  async function* chat(
    model: string,
    options: Partial<GenerateOptions> = {},
    prompt: Prompt = hello,
    signal: AbortSignal = never,
  ): AsyncGenerator<Piece> {
    yield* host.chat(await host.describe(model, signal), prompt, { ...plainOptions, ...options }, signal)
  }
  const lastBody = () => server.chats().at(-1)!.body

  it('sends the context length always, and asks that nothing be cut', async () => {
    await collect(chat('plain', { contextTokens: 1000, replyTokens: 50 }))
    expect(lastBody()).toEqual({
      model: 'plain',
      messages: hello.map(({ role, text }) => ({ role, content: text })),
      stream: true,
      truncate: false,
      shift: false,
      keep_alive: '30m',
      options: { num_ctx: 1000, num_predict: 50, temperature: 0, seed: 1 },
    })
  })

  it('never asks for a longer context than the model has', async () => {
    await collect(chat('plain', { contextTokens: 100_000 }))
    expect(lastBody().options).toMatchObject({ num_ctx: 4096 })
  })

  it('passes on sampling and the schema, and keeps the stop strings of the model itself', async () => {
    const format = { type: 'object', properties: { facts: { type: 'array' } } }
    const sampling = { temperature: 0.7, topP: 0.9, topK: 30, minP: 0.05, repeatPenalty: 1.1, seed: 7 }
    await collect(chat('plain', { sampling, format, stop: ['\nAda:'] }))
    expect(lastBody().format).toEqual(format)
    expect(lastBody().options).toMatchObject({
      temperature: 0.7,
      top_p: 0.9,
      top_k: 30,
      min_p: 0.05,
      repeat_penalty: 1.1,
      seed: 7,
      stop: ['\nAda:', '<|im_end|>'],
    })
  })

  it('passes images to a model that sees, and to no other', async () => {
    const bytes = Uint8Array.from([255, 216, 255, 0])
    const prompt: Prompt = [
      { role: 'user', text: 'What is this?', images: [{ mediaType: 'image/jpeg', bytes }] },
    ]
    await collect(chat('seer', {}, prompt))
    expect(lastBody().messages).toEqual([{ role: 'user', content: 'What is this?', images: ['/9j/AA=='] }])
    await collect(chat('plain', {}, prompt))
    expect(lastBody().messages).toEqual([{ role: 'user', content: 'What is this?' }])
  })

  it('never reads a file that a message happens to name', async () => {
    const prompt: Prompt = [{ role: 'user', text: import.meta.filename }]
    await collect(chat('seer', {}, prompt))
    expect(lastBody().messages).toEqual([{ role: 'user', content: import.meta.filename }])
  })

  it('knows what each model can do', async () => {
    expect(await host.describe('plain', never)).toMatchObject({
      contextTokens: 4096,
      chats: true,
      sees: false,
      thinks: false,
    })
    expect(await host.describe('seer', never)).toMatchObject({ sees: true })
    expect(await host.describe('thinker', never)).toMatchObject({ thinks: true })
    expect(await host.describe('old', never)).toMatchObject({ chats: true, thinks: false })
  })

  it('refuses a model that would send the conversation to somebody else', async () => {
    const error = await failure(host.describe('cloud', never))
    expect(error).toMatchObject({ code: 'model-elsewhere', retryable: false })
  })

  it('switches thinking off where the model has it, and asks for little where it cannot be', async () => {
    await collect(chat('thinker'))
    expect(lastBody().think).toBe(false)
    await collect(chat('gpt-oss'))
    expect(lastBody().think).toBe('low')
    await collect(chat('plain'))
    expect(lastBody()).not.toHaveProperty('think')
  })

  it('keeps thinking out of the reply, however it comes', async () => {
    server.script = () => ({
      thinking: ['Who', ' is this?'],
      pieces: ['<th', 'ink>secret', ' plan</', 'think>', '\n\n', 'Hello', ' Ada.'],
    })
    const { text } = await collect(chat('thinker'))
    expect(text).toBe('Hello Ada.')
  })

  it('keeps thinking out of the reply that the template has begun', async () => {
    server.script = () => ({ pieces: ['Who is', ' this?</', 'think>\n\nHello', ' Ada.'] })
    expect((await collect(chat('opened'))).text).toBe('Hello Ada.')
    // Where it has not, nobody can know before the tag comes.
    expect((await collect(chat('plain'))).text).toBe('Who is this?Hello Ada.')
  })

  it('leaves structured output as it is', async () => {
    server.script = () => ({ pieces: ['{"said":"<think>', 'x</think>"}'] })
    const { text } = await collect(chat('plain', { format: { type: 'object' } }))
    expect(text).toBe('{"said":"<think>x</think>"}')
  })

  it('asks without `think` when the server refuses it, and remembers that', async () => {
    server.script = (body) =>
      body.think === undefined ? 'Hello.' : { status: 400, body: { error: 'invalid think value: "low"' } }
    expect((await collect(chat('gpt-oss'))).text).toBe('Hello.')
    expect((await collect(chat('gpt-oss'))).text).toBe('Hello.')
    expect(server.chats().map(({ body }) => body.think)).toEqual(['low', undefined, undefined])
  })

  it('counts tokens as the server tells, and says when the limit cut the reply', async () => {
    server.script = () => ({ pieces: ['a', 'b', 'c', 'd'] })
    const whole = await collect(chat('plain', { replyTokens: 4 }))
    expect(whole.end).toEqual({
      kind: 'end',
      model: 'plain',
      finish: 'stop',
      promptTokens: 29,
      replyTokens: 4,
    })
    const cut = await collect(chat('plain', { replyTokens: 3 }))
    expect(cut.text).toBe('abc')
    expect(cut.end).toMatchObject({ finish: 'length', replyTokens: 3 })
  })

  it('yields just the end when the model says nothing', async () => {
    server.script = () => ({ pieces: [] })
    const { pieces, end } = await collect(chat('plain'))
    expect(pieces).toEqual([])
    expect(end).toMatchObject({ finish: 'stop', replyTokens: 0 })
  })

  it('closes the connection when it is aborted in the middle, and the server sees it', async () => {
    server.script = () => ({ pieces: ['a', 'b', 'c'], fault: { kind: 'silence', after: 2 } })
    const stop = new AbortController()
    const reason = new Error('enough')
    const reading = (async () => {
      for await (const piece of chat('plain', {}, hello, stop.signal)) {
        if (piece.kind === 'text' && piece.text === 'b') setTimeout(() => stop.abort(reason), 5)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
    expect(server.chats()[0]!.sent).toBe(2)
  })

  it('closes the connection when it is aborted before the first piece', async () => {
    server.script = () => ({ pieces: ['a'], delayMs: 60_000 })
    const stop = new AbortController()
    const reading = collect(chat('plain', {}, hello, stop.signal))
    await vi.waitFor(() => expect(server.chats()).toHaveLength(1))
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
  })

  it('closes the connection when the reader leaves', async () => {
    server.script = () => ({ pieces: Array(10_000).fill('word '), paceMs: 1, ignoresLimit: true })
    for await (const _ of chat('plain', { replyTokens: 20_000 })) break
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
  })

  it('uses one connection for one reply after another, although nobody reads beyond the end', async () => {
    await host.describe('plain', never)
    const before = server.connections
    for (let call = 0; call < 3; call++) {
      for await (const piece of chat('plain')) if (piece.kind === 'end') break
      await vi.waitFor(() => expect(server.chats()[call]!.state).toBe('answered'))
      // The client sees the end a moment after the server has sent it.
      await sleep(20)
    }
    expect(server.connections).toBe(before)
  })

  it('leaves nothing of one call on the signal of its caller', async () => {
    const stop = new AbortController()
    const added = vi.spyOn(stop.signal, 'addEventListener')
    const removed = vi.spyOn(stop.signal, 'removeEventListener')
    await collect(chat('plain', {}, hello, stop.signal))
    expect(added).toHaveBeenCalled()
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
  })

  it('lists what is installed', async () => {
    const list = await host.list(never)
    expect(list.map(({ name }) => name)).toContain('plain:latest')
    expect(list.find(({ name }) => name === 'cloud:latest')?.elsewhere).toBe(true)
  })
})
