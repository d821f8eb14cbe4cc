import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GenerateOptions, Piece } from '../../src/core/model.ts'
import { ollamaHost } from '../../src/model/ollama.ts'
import { collect, failure, hello, never, plainOptions } from '../contract/generator.ts'
import type { Reply } from '../support/ollama-script.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

const patience = { keepAlive: '30m', stallMs: 5_000, loadMs: 5_000, askMs: 5_000 } as const

describe('an Ollama host that misbehaves', () => {
  let server: OllamaServer
  const printed = vi.fn()

  beforeEach(async () => {
    server = await startOllamaServer({ models: [{ name: 'm', capabilities: ['completion'] }] })
    printed.mockClear()
    for (const name of ['log', 'warn', 'error'] as const) vi.spyOn(console, name).mockImplementation(printed)
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await server[Symbol.asyncDispose]()
    // The `ollama` package prints what it cannot read: words of the conversation in the terminal.
    expect(printed).not.toHaveBeenCalled()
  })

  async function* chat(
    options: Partial<GenerateOptions> = {},
    waits: Partial<typeof patience> = {},
  ): AsyncGenerator<Piece> {
    const host = ollamaHost({ url: server.url, ...patience, ...waits })
    yield* host.chat(await host.describe('m', never), hello, { ...plainOptions, ...options }, never)
  }
  const says = (reply: Reply): void => {
    server.script = () => reply
  }

  it('puts letters together that arrive in halves', async () => {
    const pieces = ['Grüß ', 'dich, ', '日本', ' 👩‍👩‍👧 ', '😀']
    for (const writeBytes of [1, 2, 3, 7]) {
      says({ pieces, writeBytes })
      const reply = await collect(chat())
      expect(reply.pieces).toEqual(pieces)
    }
  })

  it('replaces bytes that are no letters, and mends halves of a pair of surrogates', async () => {
    const line = Buffer.concat([
      Buffer.from('{"message":{"content":"a'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('b"},"done":false}\n'),
      Buffer.from(
        '{"message":{"content":"\\ud83d"},"done":false}\n{"message":{"content":"\\ude00 \\ud800"},"done":false}\n',
      ),
    ])
    says({ pieces: ['.'], fault: { kind: 'bytes-only', after: 0, bytes: line } })
    const { text, pieces } = await collect(chat())
    expect(text).toBe('a\ufffd\ufffdb😀 \ufffd.')
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
  })

  it.each([
    ['a line that is no JSON', 'what they said in confidence\n'],
    ['a list', '[1,2]\n'],
    ['null', 'null\n'],
    ['an object of another kind', '{"done":"maybe"}\n'],
    ['negative counts', '{"done":true,"eval_count":-5}\n'],
  ])('refuses %s, without repeating or printing it', async (_, bytes) => {
    says({ pieces: ['a', 'b'], fault: { kind: 'bytes-only', after: 0, bytes } })
    const error = await failure(collect(chat()))
    expect(error).toMatchObject({ code: 'garbled', retryable: true })
    expect(error.message).not.toContain('confidence')
  })

  it('gives up on a line without an end before it fills the memory', async () => {
    const bytes = `{"message":{"content":"${'x'.repeat(2_000_000)}`
    says({ pieces: ['a'], fault: { kind: 'silence', after: 0, bytes } })
    expect(await failure(collect(chat()))).toMatchObject({ code: 'garbled' })
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
  })

  it('stops a reply without end, and tells that it was cut', async () => {
    function* forever(): Iterable<string> {
      for (let count = 0; ; count++) yield `word${count} `
    }
    says({ pieces: forever(), ignoresLimit: true })
    const { end, pieces } = await collect(chat({ replyTokens: 10 }))
    expect(end.finish).toBe('length')
    expect(pieces.length).toBeLessThan(100)
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
  })

  it('stops thinking without end', async () => {
    function* forever(): Iterable<string> {
      for (let count = 0; ; count++) yield `hm${count} `
    }
    says({ pieces: [], thinking: forever(), ignoresLimit: true })
    const { text, end } = await collect(chat({ replyTokens: 10 }))
    expect(text).toBe('')
    expect(end.finish).toBe('length')
  })

  it('cuts a single piece that is longer than the whole reply may be', async () => {
    says({ pieces: ['x'.repeat(500_000)] })
    const { text, end } = await collect(chat({ replyTokens: 10 }))
    expect(text.length).toBeLessThan(10_000)
    expect(end.finish).toBe('length')
  })

  it.each(['cut', 'end-without-done'] as const)('notices a reply that ends by %s', async (kind) => {
    says({ pieces: ['a', 'b', 'c'], fault: { kind, after: 2 } })
    const read: string[] = []
    const error = await failure(
      (async () => {
        for await (const piece of chat()) if (piece.kind === 'text') read.push(piece.text)
      })(),
    )
    expect(error).toMatchObject({ code: 'died-mid-reply', retryable: true })
    expect(read).toEqual(['a', 'b'])
  })

  it.each(['cut', 'end-without-done'] as const)('notices a %s in the middle of a line', async (kind) => {
    says({ pieces: ['a', 'b'], fault: { kind, after: 1, bytes: '{"message":{"con' } })
    expect(await failure(collect(chat()))).toMatchObject({ code: 'died-mid-reply' })
  })

  it('takes the end without a last word for a cut where the model only repeats itself', async () => {
    says({ pieces: [...Array(31).fill(' la'), 'x'], fault: { kind: 'end-without-done', after: 31 } })
    const { text, end } = await collect(chat({ replyTokens: 100 }))
    expect(text).toBe(' la'.repeat(31))
    expect(end).toMatchObject({ finish: 'length', promptTokens: 0, replyTokens: 31 })
  })

  it('tells an error in the middle of the stream from a reply', async () => {
    says({
      pieces: ['a'],
      fault: {
        kind: 'end-without-done',
        after: 1,
        bytes: `{"error":"llama runner process has terminated: what they said"}\n`,
      },
    })
    const error = await failure(collect(chat()))
    expect(error).toMatchObject({ code: 'model-failed', retryable: true })
    expect(`${error.message} ${String(error.cause)}`).not.toContain('what they said')
  })

  it('gives up on a server that falls silent, and closes the connection', async () => {
    says({ pieces: ['a', 'b'], fault: { kind: 'silence', after: 1 } })
    expect(await failure(collect(chat({}, { stallMs: 50 as 5000 })))).toMatchObject({
      code: 'stalled',
      retryable: true,
    })
    await vi.waitFor(() => expect(server.chats()[0]!.state).toBe('hung-up'))
  })

  it('waits longer for the first piece than between two', async () => {
    says({ pieces: ['a', 'b'], delayMs: 150 })
    expect((await collect(chat({}, { stallMs: 50 as 5000 }))).text).toBe('ab')
    expect(await failure(collect(chat({}, { loadMs: 50 as 5000 })))).toMatchObject({ code: 'stalled' })
    says({ pieces: ['a', 'b'], delayMs: 150, headersFirst: true })
    expect((await collect(chat({}, { stallMs: 50 as 5000 }))).text).toBe('ab')
  })

  it('does not take a slow reader for a silent server', async () => {
    says({ pieces: ['a', 'b', 'c'] })
    const read: string[] = []
    for await (const piece of chat({}, { stallMs: 50 as 5000 })) {
      if (piece.kind === 'text') read.push(piece.text)
      await new Promise((resolve) => setTimeout(resolve, 80))
    }
    expect(read).toEqual(['a', 'b', 'c'])
  })

  const tooLong = [
    'the input length exceeds the context length',
    'input exceeds maximum context length',
    'the prompt is longer than the context length currently available to the model; shorten the prompt',
    '{"error":{"code":400,"message":"request (900 tokens) exceeds the available context size (512 tokens), try increasing it","type":"exceed_context_size_error"}}',
  ]
  it.each([
    ...tooLong.map((error) => [400, { error }, 'prompt-too-long', false] as const),
    [404, { error: "model 'm' not found" }, 'model-missing', false],
    [404, { error: 'model "m" not found, try pulling it first' }, 'model-missing', false],
    [
      500,
      { error: 'model requires more system memory (9.9 GiB) than is available (2.0 GiB)' },
      'out-of-memory',
      true,
    ],
    [500, { error: 'llama-server process has terminated: exit status 2' }, 'model-failed', true],
    [503, { error: 'server busy, please try again.  maximum pending requests exceeded' }, 'busy', true],
    [503, '<html>Service Unavailable</html>', 'unreachable', true],
    [502, '<html>Bad Gateway</html>', 'unreachable', true],
    [500, '<html>Oops</html>', 'model-failed', true],
    [404, '<html>Not Found</html>', 'not-ollama', false],
    [404, { message: 'no such route' }, 'not-ollama', false],
    [400, { error: '"m" does not support chat' }, 'not-a-chat-model', false],
    [400, { error: 'json: cannot unmarshal what they said' }, 'refused', false],
    [401, { error: 'unauthorized' }, 'forbidden', false],
    [403, '', 'not-ollama', false],
    [302, '', 'not-ollama', false],
  ] as const)('turns HTTP %i %j into %s', async (status, body, code, retryable) => {
    server.script = () => ({ status, body, headers: { location: 'http://192.0.2.1/' } })
    const error = await failure(collect(chat()))
    expect(error).toMatchObject({ who: 'model', code, retryable })
    expect(error.message).toContain(server.url)
    expect(`${error.message} ${String(error.cause)}`).not.toContain('what they said')
  })

  it('says how to get a model that is missing', async () => {
    server.models = []
    const error = await failure(collect(chat()))
    expect(error.message).toBe(`model "m" is not on ${server.url}`)
    expect(error.mend).toBe('Run: ollama pull m')
  })

  it('says how to start a server that does not answer', async () => {
    await server[Symbol.asyncDispose]()
    const error = await failure(collect(chat()))
    expect(error).toMatchObject({ code: 'unreachable', retryable: true, mend: 'Start it with: ollama serve' })
    expect(error.message).toBe(`no Ollama server answers at ${server.url}`)
  })

  it('notices that something else answers at the address', async () => {
    const web = createServer((_, response) => response.end('<html>my home page</html>'))
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const host = ollamaHost({ url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`, ...patience })
    expect(await failure(host.describe('m', never))).toMatchObject({ code: 'not-ollama' })
    expect(await failure(host.list(never))).toMatchObject({ code: 'not-ollama' })
    web.closeAllConnections()
    web.close()
  })

  it('asks once more when a connection breaks, as an old one does that died unseen', async () => {
    let questions = 0
    let breaks = 1
    const web = createServer((request, response) => {
      questions++
      if (breaks-- > 0) request.socket.destroy()
      else response.end('{"version":"0.33.0"}')
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const host = ollamaHost({ url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`, ...patience })
    await host.ping(never)
    expect(questions).toBe(2)
    breaks = 2
    expect(await failure(host.ping(never))).toMatchObject({ code: 'unreachable' })
    web.closeAllConnections()
    web.close()
  })

  it('does not wait for a server that takes the question and is silent', async () => {
    const web = createServer(() => {})
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    const host = ollamaHost({ url, ...patience, askMs: 50 })
    expect(await failure(host.ping(never))).toMatchObject({ code: 'unreachable' })
    web.closeAllConnections()
    web.close()
  })
})
