/** What the scripted Ollama server serves, records and may be told to say. */

export interface ServedModel {
  readonly name: string
  readonly contextTokens?: number
  readonly capabilities?: readonly string[] | null
  readonly family?: string
  readonly parameters?: string
  readonly template?: string
  /** Numbers in an embedding. */
  readonly embeddingLength?: number
  readonly modifiedAt?: string
  readonly remoteHost?: string
}

/** The body of a request, as far as tests look at it. */
export interface RequestBody {
  readonly model?: string
  readonly messages?: readonly { role: string; content: string; images?: readonly string[] }[]
  readonly input?: string | readonly string[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly stream?: boolean
  readonly truncate?: boolean
  readonly shift?: boolean
  readonly think?: boolean | string
  readonly format?: unknown
  readonly keep_alive?: string | number
}

export interface ServedRequest {
  readonly path: string
  readonly body: RequestBody
  readonly arrivedAtMs: number
  /** How many pieces of the reply have been sent. */
  readonly sent: number
  /** `hung-up`: the client closed the connection before the answer was complete. */
  readonly state: 'open' | 'answered' | 'hung-up' | 'cut'
}

/** What happens after so many pieces, instead of the rest. */
interface Fault {
  /** `bytes-only`: the reply goes on. */
  readonly kind: 'cut' | 'end-without-done' | 'silence' | 'bytes-only'
  readonly after: number
  /** Sent before, as they are. */
  readonly bytes?: Uint8Array | string
}

export interface Reply {
  readonly pieces: Iterable<string>
  /** Sent before the pieces, in `message.thinking`. */
  readonly thinking?: Iterable<string>
  readonly paceMs?: number
  /** Before the first piece. */
  readonly delayMs?: number
  readonly fault?: Fault
  /** A server that does not keep to the limit. */
  readonly ignoresLimit?: boolean
  /** Sends its headers before `delayMs`, as a proxy may do. */
  readonly headersFirst?: boolean
  /** Cuts every write into parts of so many bytes. */
  readonly writeBytes?: number
}

/** An answer that is no reply at all. */
export interface Refusal {
  readonly status: number
  /** A string is sent as HTML. */
  readonly body: Readonly<Record<string, unknown>> | string
  readonly headers?: Readonly<Record<string, string>>
}

export type Script = (body: RequestBody, request: ServedRequest) => string | Reply | Refusal
