import {
  diedMidReply,
  fromNetwork,
  fromRefusal,
  garbled,
  notOllama,
  stalled,
  unreachable,
  type Where,
} from './errors.ts'
import { type HttpAnswer, request } from './http.ts'

/** No line that Ollama streams comes near this; a server that never ends its line must not fill our memory. */
const maxLineChars = 1_000_000
/** 64 embeddings of 8192 numbers are 10 MB; the longest description of a model seen is 2 MB. */
const maxBodyBytes = 64_000_000
const maxRefusalBytes = 64_000
/** How long the end of a finished answer is waited for, so that its connection can be used again. */
const drainMs = 200

/** How long a server may be silent. */
export interface Patience {
  /** Before the first byte: the model may have to be loaded. */
  readonly loadMs: number
  /** Between two pieces. */
  readonly stallMs: number
}

/** One request's life. It ends with the caller's signal, by silence, or when it is disposed of. */
export interface Call extends Disposable {
  readonly signal: AbortSignal
  /** From now on the server may be silent for so long; counted only while we are reading. */
  expect(silentMs: number): void
  /** The server is not being listened to just now: its silence means nothing. */
  pause(): void
  /** The answer is over, but for its last bytes: disposing waits for them a moment, in the background. */
  linger(rest: Promise<void>): void
}

/** `late` is what is thrown after too long a silence; by default that the host has stalled. */
export function openCall(
  where: Where,
  signal: AbortSignal,
  late: (silentMs: number) => Error = (silentMs) => stalled(where, silentMs),
): Call {
  signal.throwIfAborted()
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal.reason)
  // By hand, not by AbortSignal.any: the caller's signal may live for months.
  signal.addEventListener('abort', onAbort, { once: true })
  let timer: NodeJS.Timeout | undefined
  const pause = (): void => clearTimeout(timer)
  let lingering = false
  return {
    signal: controller.signal,
    expect(silentMs) {
      pause()
      timer = setTimeout(() => controller.abort(late(silentMs)), silentMs)
    },
    pause,
    linger(rest) {
      lingering = true
      const end = (): void => controller.abort(over)
      const latest = setTimeout(end, drainMs)
      void rest.finally(() => {
        clearTimeout(latest)
        end()
      })
    },
    [Symbol.dispose]() {
      pause()
      signal.removeEventListener('abort', onAbort)
      if (!lingering) controller.abort(over)
    },
  }
}

/** Without a reason each `abort` would make one, with a stack trace. */
const over = new DOMException('the call is over', 'AbortError')

async function readBounded({ body }: HttpAnswer, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Turns an answer that is not a success into our error. */
async function refusal(where: Where, response: HttpAnswer): Promise<Error> {
  if (response.status >= 300 && response.status < 400) {
    return notOllama(where, `a redirect (HTTP ${response.status})`)
  }
  const text = (await readBounded(response, maxRefusalBytes)) ?? ''
  const body = parsed(text)
  if (isRecord(body) && typeof body.error === 'string') return fromRefusal(where, response.status, body.error)
  // A gateway before the server says that the server is away in its own page.
  if ([502, 503, 504].includes(response.status))
    return unreachable(where, new Error(`HTTP ${response.status}`))
  if (response.status >= 500) return fromRefusal(where, response.status, '')
  return notOllama(where, `an error page (HTTP ${response.status})`)
}

export interface LineReader {
  /** Some whole lines. Throws `HearthError`, or what the call's signal was aborted with. */
  read(): Promise<{ done: false; value: Uint8Array } | { done: true; value: undefined }>
  /** After the last line: reads the rest, so that the connection can be used again. Never throws. */
  drain(): Promise<void>
}

/**
 * Passes on whole lines that each hold a JSON object, and nothing else: the `ollama` package would
 * print anything else on the console, words of the conversation included, and would gather a line
 * without an end until memory is full.
 */
function readLines(
  where: Where,
  call: Call,
  patience: Patience,
  source: AsyncIterable<Uint8Array>,
): LineReader {
  const chunks = source[Symbol.asyncIterator]()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  let begun = false
  let done = false

  const check = (line: string): void => {
    const value = line.length > maxLineChars ? undefined : parsed(line)
    if (!isRecord(value)) throw garbled(where, 'a line that is no JSON object')
    if (typeof value.error === 'string') throw fromRefusal(where, 500, value.error)
    if (value.done === true) done = true
  }

  async function next(): Promise<Uint8Array | undefined> {
    for (;;) {
      call.expect(begun ? patience.stallMs : patience.loadMs)
      const chunk = await chunks.next().finally(call.pause)
      begun = true
      rest += chunk.done ? decoder.decode() : decoder.decode(chunk.value, { stream: true })
      const end = chunk.done ? rest.length : rest.lastIndexOf('\n') + 1
      const whole = rest.slice(0, end)
      rest = rest.slice(end)
      if (rest.length > maxLineChars) throw garbled(where, 'a line without an end')
      const lines = whole.split('\n').filter((line) => line.trim() !== '')
      // A last line that broke off says that the connection did, not that the server talks nonsense.
      if (chunk.done && lines.length > 0 && parsed(lines.at(-1) ?? '') === undefined) lines.pop()
      // What came in the same breath as an error is not passed on: nothing shown can be tried elsewhere.
      for (const line of lines) check(line)
      if (lines.length > 0) return encoder.encode(`${lines.join('\n')}\n`)
      if (chunk.done) return undefined
    }
  }

  return {
    async read() {
      try {
        const value = await next()
        if (value !== undefined) return { done: false, value }
        if (done) return { done: true, value: undefined }
        throw diedMidReply(where)
      } catch (error) {
        throw call.signal.aborted ? call.signal.reason : lost(where, error)
      }
    },
    async drain() {
      try {
        while (!(await chunks.next()).done);
      } catch {
        // The connection is given up instead.
      }
    },
  }
}

/** Once the answer has begun, whatever the network does means that it broke off. */
function lost(where: Where, error: unknown): Error {
  const known = fromNetwork(where, error)
  return 'code' in known && known.code === 'unreachable' ? diedMidReply(where, known.cause) : known
}

/** What the `ollama` package hands to its `fetch`. */
type Init = Parameters<typeof fetch>[1]

async function send(where: Where, call: Call, url: unknown, init: Init): Promise<HttpAnswer> {
  let response: HttpAnswer
  try {
    response = await request(
      String(url),
      {
        method: init?.method ?? 'GET',
        headers: init?.headers as Readonly<Record<string, string>>,
        body: typeof init?.body === 'string' ? init.body : undefined,
      },
      call.signal,
    )
  } catch (error) {
    throw call.signal.aborted ? call.signal.reason : fromNetwork(where, error)
  }
  if (response.status >= 200 && response.status < 300) return response
  try {
    throw await refusal(where, response)
  } catch (error) {
    throw call.signal.aborted ? call.signal.reason : fromNetwork(where, error)
  }
}

/** A `fetch` for one answer that is one JSON object. */
export function fetchJson(where: Where, call: Call): typeof fetch {
  return async (input, init) => {
    const response = await send(where, call, input, init)
    try {
      const text = await readBounded(response, maxBodyBytes)
      if (text === undefined || !isRecord(parsed(text)))
        throw notOllama(where, 'something that is no JSON object')
      return new Response(text)
    } catch (error) {
      throw call.signal.aborted ? call.signal.reason : lost(where, error)
    }
  }
}

/**
 * A `fetch` for one answer that is a stream of JSON objects, a line each. Its answer has what the `ollama`
 * package reads of one: a web stream between the two took 0.3 ms a reply.
 */
export function fetchLines(
  where: Where,
  call: Call,
  patience: Patience,
  onOpen: (lines: LineReader) => void,
): typeof fetch {
  return async (input, init) => {
    const response = await send(where, call, input, init)
    call.pause()
    const lines = readLines(where, call, patience, response.body)
    onOpen(lines)
    const reader = { read: () => lines.read(), releaseLock: () => undefined }
    return { ok: true, body: { getReader: () => reader } } as unknown as Response
  }
}
