import { HearthError, isAbort, modelError } from '../core/errors.ts'

/** Which server and, where one is concerned, which model: for the sentence that the operator reads. */
export interface Where {
  readonly host: string
  readonly model?: string
}

const named = (where: Where): string => (where.model === undefined ? 'its model' : `model "${where.model}"`)

export const unreachable = (where: Where, cause?: unknown): HearthError =>
  modelError(`no Ollama server answers at ${where.host}`, {
    code: 'unreachable',
    mend: 'Start it with: ollama serve',
    retryable: true,
    cause,
  })

export const modelMissing = (where: Where): HearthError =>
  modelError(`model "${where.model ?? ''}" is not on ${where.host}`, {
    code: 'model-missing',
    mend: `Run: ollama pull ${where.model ?? ''}`,
  })

export const noChatModel = (hosts: readonly string[]): HearthError =>
  modelError(`no chat model is on ${hosts.join(' or ')}`, {
    code: 'no-chat-model',
    mend: 'Run: ollama pull llama3.2',
  })

/** A model that the server only passes on to somebody else's machine: what is said here must stay here. */
export const modelElsewhere = (where: Where): HearthError =>
  modelError(`${named(where)} does not run on ${where.host}, which would send the conversation elsewhere`, {
    code: 'model-elsewhere',
    mend: 'Choose a model that runs on your own machine.',
  })

const promptTooLong = (where: Where): HearthError =>
  modelError(`the text is longer than ${named(where)} on ${where.host} takes`, {
    code: 'prompt-too-long',
    mend: 'Shorten the persona, or raise models.contextTokens.',
  })

export const stalled = (where: Where, silentMs: number): HearthError =>
  modelError(`${where.host} has sent nothing for ${Math.round(silentMs / 1000)} seconds`, {
    code: 'stalled',
    mend: `Look at what the machine is doing: ollama ps`,
    retryable: true,
  })

export const diedMidReply = (where: Where, cause?: unknown): HearthError =>
  modelError(`${where.host} stopped in the middle of a reply`, {
    code: 'died-mid-reply',
    mend: "Look into Ollama's own log on that machine.",
    retryable: true,
    cause,
  })

export const garbled = (where: Where, what: string): HearthError =>
  modelError(`${where.host} sent ${what}, which Ollama does not do`, {
    code: 'garbled',
    mend: 'Check that the address is that of an Ollama server, with nothing in between that changes its answers.',
    retryable: true,
  })

export const notOllama = (where: Where, what: string): HearthError =>
  modelError(`what answers at ${where.host} is no Ollama server: it sent ${what}`, {
    code: 'not-ollama',
    mend: 'Check the address of the host in hearth.yaml, or OLLAMA_HOST.',
  })

export const badEmbedding = (where: Where, what: string): HearthError =>
  modelError(`${named(where)} on ${where.host} made ${what}`, {
    code: 'bad-embedding',
    mend: 'Choose another model for models.embed, for example: ollama pull nomic-embed-text',
  })

export const poolClosed = (): HearthError =>
  modelError('Hearth is stopping: no model is asked any more', { code: 'pool-closed', retryable: true })

const outOfMemory = (where: Where): HearthError =>
  modelError(`${where.host} has not enough memory for ${named(where)}`, {
    code: 'out-of-memory',
    mend: 'Choose a smaller model, lower models.contextTokens, or free some memory on that machine.',
    retryable: true,
  })

const busy = (where: Where): HearthError =>
  modelError(`${where.host} is busy with other requests`, {
    code: 'busy',
    mend: 'Wait, or add another host to models.hosts.',
    retryable: true,
  })

/**
 * What each release of Ollama, and the runner inside it, says when the text does not fit:
 * "the input length exceeds the context length", "input exceeds maximum context length", "the prompt
 * is longer than the context length …", `exceed_context_size_error`.
 */
const tooLong = /exceed[a-z_]* .{0,40}context|exceed_context_size|longer than the context/i
const memory = /more system memory|out.of.memory|cudaMalloc failed|failed to allocate/i
const missing = /model .{0,300}not found|try pulling it first/i

/**
 * The server refused. Its own words decide the kind of error and are then dropped: they may quote
 * what somebody said.
 */
export function fromRefusal(where: Where, status: number, words: string): HearthError {
  if (tooLong.test(words)) return promptTooLong(where)
  if (status === 404 && missing.test(words)) return modelMissing(where)
  if (memory.test(words)) return outOfMemory(where)
  if (status === 503 || status === 429) return busy(where)
  if (status === 401 || status === 403) {
    return modelError(`${where.host} lets nobody in without permission (HTTP ${status})`, {
      code: 'forbidden',
      mend: 'Check who may use that server, and OLLAMA_ORIGINS on it.',
    })
  }
  if (status >= 500) {
    return modelError(`${named(where)} failed on ${where.host} (HTTP ${status})`, {
      code: 'model-failed',
      mend: "Look into Ollama's own log on that machine.",
      retryable: true,
    })
  }
  if (/does not support (chat|generate|completion)/i.test(words)) {
    return modelError(`${named(where)} on ${where.host} cannot chat`, {
      code: 'not-a-chat-model',
      mend: 'Choose a chat model, for example: ollama pull llama3.2',
    })
  }
  return modelError(`${where.host} refused the request for ${named(where)} (HTTP ${status})`, {
    code: 'refused',
    mend: 'Update Ollama on that machine, or choose another model.',
  })
}

/** The name of what the network did, through the layers in which it may be wrapped. */
function networkCode(error: unknown): string {
  let at: unknown = error
  for (let depth = 0; depth < 4 && at instanceof Error; depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code
    at = at.cause
  }
  return error instanceof Error ? error.name : 'unknown'
}

/** Why a call never got an answer. The cause keeps the network's code alone. */
export function fromNetwork(where: Where, error: unknown): Error {
  if (error instanceof HearthError || (error instanceof Error && isAbort(error))) return error
  const code = networkCode(error)
  if (code === 'ECONNRESET' || code === 'EPIPE') return diedMidReply(where, new Error(code))
  return unreachable(where, new Error(code))
}

/** Whether it is worth asking another host: what one host lacks or gets wrong, another may have. */
export function mayTryElsewhere(error: unknown): boolean {
  return (
    error instanceof HearthError &&
    (error.retryable || ['model-missing', 'not-ollama', 'forbidden', 'refused'].includes(error.code))
  )
}
