import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Refusal, Reply, RequestBody, Script, ServedModel, ServedRequest } from './ollama-script.ts'

/**
 * A server that speaks Ollama's protocol and says what a script tells it to. It counts a token for
 * every four characters of a prompt and for every piece of a reply.
 */

export interface OllamaServer extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly ServedRequest[]
  /** How many connections were opened so far. */
  readonly connections: number
  chats(): readonly ServedRequest[]
  script: Script
  models: readonly ServedModel[]
  /** Answers any path before the protocol does; undefined: the protocol does. */
  intercept: ((path: string, body: RequestBody) => Refusal | undefined) | undefined
  /** Makes the numbers of one text. */
  embedding: (text: string, length: number) => readonly (number | null)[]
}

export interface OllamaServerOptions {
  readonly models?: readonly ServedModel[]
  readonly script?: Script
  /** An earlier server's port, to come back under the same address. */
  readonly port?: number
  /** Benchmarks leave out the record: it grows. */
  readonly record?: boolean
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const textTokens = (text: string): number => Math.ceil(text.length / 4)
const nanoseconds = (ms: number): number => Math.round(ms * 1e6)

const sampleEmbedding = (text: string, length: number): readonly number[] =>
  Array.from({ length }, (_, index) => Math.sin(textTokens(text) + index + (text.charCodeAt(0) || 0)))

/** Ends the reply before a stop string, also one that is spread over pieces, as the runner does. */
function* untilStop(pieces: Iterable<string>, stop: readonly string[]): Iterable<string> {
  let held = ''
  for (const piece of pieces) {
    held += piece
    const found = stop.map((end) => held.indexOf(end)).filter((at) => at >= 0)
    if (found.length > 0) {
      const rest = held.slice(0, Math.min(...found))
      if (rest !== '') yield rest
      return
    }
    const mayBegin = stop.some((end) =>
      Array.from(end, (_, size) => end.slice(0, size + 1)).some((part) => held.endsWith(part)),
    )
    if (mayBegin) continue
    yield held
    held = ''
  }
  if (held !== '') yield held
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, { status, body, headers }: Refusal): void {
  if (typeof body !== 'string') sendJson(response, status, body)
  else response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body)
}

async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as RequestBody)
}

/** Ids, digests and sizes are left out: nothing of ours reads them. */
function describeTag(model: ServedModel): unknown {
  return {
    name: model.name,
    model: model.name,
    modified_at: model.modifiedAt ?? '2026-01-01T00:00:00Z',
    details: { family: model.family ?? 'llama' },
    ...(model.capabilities !== null && { capabilities: model.capabilities ?? ['completion'] }),
    ...(model.remoteHost !== undefined && { remote_host: model.remoteHost }),
  }
}

function describeServed(model: ServedModel): unknown {
  const family = model.family ?? 'llama'
  return {
    parameters: model.parameters ?? '',
    template: model.template ?? '{{ .Prompt }}',
    details: { family },
    model_info: {
      'general.architecture': family,
      [`${family}.context_length`]: model.contextTokens ?? 8192,
      ...(model.embeddingLength !== undefined && { [`${family}.embedding_length`]: model.embeddingLength }),
    },
    ...(model.capabilities !== null && { capabilities: model.capabilities ?? ['completion'] }),
    ...(model.remoteHost !== undefined && { remote_host: model.remoteHost }),
  }
}

export async function startOllamaServer(options: OllamaServerOptions = {}): Promise<OllamaServer> {
  const requests: Mutable<ServedRequest>[] = []
  const stopping = new AbortController()

  const findModel = (name: string | undefined): ServedModel | undefined =>
    server.models.find((model) => model.name === name || model.name === `${name}:latest`)

  async function chat(
    record: Mutable<ServedRequest>,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const { body } = record
    const model = findModel(body.model)
    if (model === undefined) return sendJson(response, 404, { error: `model '${body.model}' not found` })
    const can = model.capabilities ?? ['completion']
    if (body.think === true && !can.includes('thinking')) {
      return sendJson(response, 400, { error: `"${body.model}" does not support thinking` })
    }
    if (!can.includes('completion')) {
      return sendJson(response, 400, { error: `"${body.model}" does not support chat` })
    }
    const contextTokens = Math.min(Number(body.options?.num_ctx ?? 4096), model.contextTokens ?? 8192)
    const promptTokens = (body.messages ?? []).reduce((sum, { content }) => sum + textTokens(content) + 4, 0)
    if (promptTokens >= contextTokens && body.truncate === false) {
      const message = `request (${promptTokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`
      const error = { code: 400, message, type: 'exceed_context_size_error' }
      return sendJson(response, 400, { error: JSON.stringify({ error }) })
    }
    const scripted = server.script(body, record)
    if (typeof scripted !== 'string' && 'status' in scripted) return refuse(response, scripted)
    const reply: Reply = typeof scripted === 'string' ? { pieces: scripted.match(/\s*\S+/g) ?? [] } : scripted
    await streamReply(record, reply, Math.min(promptTokens, contextTokens), response, gone)
  }

  async function streamReply(
    record: Mutable<ServedRequest>,
    reply: Reply,
    promptTokens: number,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const { body } = record
    const begunAt = performance.now()
    const limit = reply.ignoresLimit ? Number.POSITIVE_INFINITY : Number(body.options?.num_predict ?? -1)
    const stop = (body.options?.stop ?? []) as readonly string[]
    const pause = (ms: number | undefined): Promise<void> | undefined =>
      ms === undefined || ms === 0 ? undefined : sleep(ms, undefined, { signal: gone })
    const write = async (bytes: Uint8Array | string): Promise<void> => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      const whole = Buffer.from(bytes as string)
      const size = reply.writeBytes ?? whole.length
      for (let at = 0; at < whole.length; at += size) {
        // Two writes in one go would arrive as one chunk.
        if (at > 0) await new Promise((resolve) => setImmediate(resolve))
        const flowing = response.write(whole.subarray(at, at + size))
        if (!flowing) await sleep(1, undefined, { signal: gone })
      }
    }
    const line = (fields: Readonly<Record<string, unknown>>): string =>
      `${JSON.stringify({ model: body.model, created_at: new Date().toISOString(), ...fields })}\n`
    const say = (message: Readonly<Record<string, string>>): Promise<void> =>
      write(line({ message: { role: 'assistant', ...message }, done: false }))

    let finish = 'stop'
    if (reply.headersFirst) response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders()
    await pause(reply.delayMs)
    function* tokens(): Iterable<Readonly<Record<string, string>>> {
      for (const thinking of reply.thinking ?? []) yield { content: '', thinking }
      for (const content of untilStop(reply.pieces, stop)) yield { content }
    }
    const fails = async (): Promise<boolean> => {
      const fault = reply.fault
      if (fault === undefined || fault.after !== record.sent) return false
      if (fault.bytes !== undefined) await write(fault.bytes)
      if (fault.kind === 'bytes-only') return false
      if (fault.kind === 'silence') await sleep(600_000, undefined, { signal: gone, ref: false })
      record.state = 'cut'
      if (fault.kind !== 'cut') response.end()
      // What was written must arrive before the connection goes.
      else setTimeout(() => response.destroy(), 5)
      return true
    }
    for (const token of tokens()) {
      if (record.sent > 0) await pause(reply.paceMs)
      if (await fails()) return
      if (limit >= 0 && record.sent >= limit) {
        finish = 'length'
        break
      }
      gone.throwIfAborted()
      await say(token)
      record.sent++
      // An endless script must let the others in.
      if (record.sent % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    if (await fails()) return
    const ms = performance.now() - begunAt
    response.end(
      line({
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: finish,
        total_duration: nanoseconds(ms),
        load_duration: nanoseconds(0),
        prompt_eval_count: promptTokens,
        prompt_eval_duration: nanoseconds(0),
        eval_count: record.sent,
        eval_duration: nanoseconds(ms),
      }),
    )
  }

  async function embed({ body }: ServedRequest, response: ServerResponse): Promise<void> {
    const model = findModel(body.model)
    if (model === undefined) {
      return sendJson(response, 404, { error: `model "${body.model}" not found, try pulling it first` })
    }
    const texts = typeof body.input === 'string' ? [body.input] : (body.input ?? [])
    const limit = Math.min(Number(body.options?.num_ctx ?? 4096), model.contextTokens ?? 8192)
    if (body.truncate === false && texts.some((text) => textTokens(text) > limit)) {
      return sendJson(response, 400, { error: 'the input length exceeds the context length' })
    }
    sendJson(response, 200, {
      model: body.model,
      embeddings: texts.map((text) => server.embedding(text, model.embeddingLength ?? 8)),
      total_duration: nanoseconds(1),
      load_duration: nanoseconds(0),
      prompt_eval_count: texts.reduce((sum, text) => sum + textTokens(text), 0),
    })
  }

  async function answer(
    record: Mutable<ServedRequest>,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const refusal = server.intercept?.(record.path, record.body)
    if (refusal !== undefined) return refuse(response, refusal)
    if (record.path === '/api/chat') return chat(record, response, gone)
    if (record.path === '/api/embed') return embed(record, response)
    if (record.path === '/api/version') return sendJson(response, 200, { version: '0.33.0' })
    if (record.path === '/api/tags')
      return sendJson(response, 200, { models: server.models.map(describeTag) })
    if (record.path === '/api/show') {
      const model = findModel(record.body.model)
      if (model !== undefined) return sendJson(response, 200, describeServed(model))
      return sendJson(response, 404, { error: `model '${record.body.model}' not found` })
    }
    if (record.path === '/') return void response.end('Ollama is running')
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
  }

  const http = createServer(async (request, response) => {
    const record: Mutable<ServedRequest> = {
      path: (request.url ?? '').split('?')[0] ?? '',
      body: {},
      arrivedAtMs: performance.now(),
      sent: 0,
      state: 'open',
    }
    const gone = new AbortController()
    const onStop = (): void => gone.abort()
    stopping.signal.addEventListener('abort', onStop, { once: true })
    response.once('close', () => {
      stopping.signal.removeEventListener('abort', onStop)
      if (record.state === 'open') record.state = response.writableFinished ? 'answered' : 'hung-up'
      gone.abort()
    })
    try {
      record.body = await readBody(request)
      if (options.record !== false) requests.push(record)
      await answer(record, response, gone.signal)
    } catch (error) {
      if (gone.signal.aborted) return
      sendJson(response, 500, { error: String(error) })
    }
  })
  let connections = 0
  http.on('connection', () => connections++)
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })

  const server: OllamaServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections
    },
    chats: () => requests.filter(({ path }) => path === '/api/chat'),
    script: options.script ?? (() => 'Hello there.'),
    models: options.models ?? [{ name: 'hearth-test:latest' }],
    intercept: undefined,
    embedding: sampleEmbedding,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
  return server
}
