import { Ollama } from 'ollama'
import type { z } from 'zod'
import { HearthError } from '../core/errors.ts'
import type { GenerateOptions, Piece, Prompt } from '../core/model.ts'
import {
  badEmbedding,
  fromNetwork,
  modelElsewhere,
  notOllama,
  stalled,
  unreachable,
  type Where,
} from './errors.ts'
import { fetchJson, openCall, type Patience } from './ollama-call.ts'
import { streamReply } from './ollama-stream.ts'
import {
  describeModel,
  embedShape,
  type OllamaModel,
  showShape,
  tagsShape,
  versionShape,
} from './ollama-wire.ts'

/** Some embedding models take 40,000 tokens, for which the server would set memory aside. */
const maxEmbedContextTokens = 8192

export interface OllamaHostOptions extends Patience {
  /** As `ollamaAddress` gives it. */
  readonly url: string
  /** How long the server keeps a model loaded after a call: `30m`, or seconds; -1 for ever. */
  readonly keepAlive: string | number
  /** How long a question about the server or a model may take. */
  readonly askMs: number
}

interface InstalledModel {
  readonly name: string
  readonly modifiedAtMs: number
  /** Undefined where the server is too old to tell in its list. */
  readonly chats: boolean | undefined
  readonly elsewhere: boolean
}

/** One Ollama server. All methods throw `HearthError` (`who: 'model'`), or what the aborted signal throws. */
export interface OllamaHost {
  readonly url: string
  /** Resolves when the server answers. */
  ping(signal: AbortSignal): Promise<void>
  list(signal: AbortSignal): Promise<readonly InstalledModel[]>
  describe(model: string, signal: AbortSignal): Promise<OllamaModel>
  /**
   * Streams text, then one `end`, in which 0 tokens means: not told. Closing the iterator or aborting
   * the signal closes the connection, on which the server stops.
   */
  chat(
    model: OllamaModel,
    prompt: Prompt,
    options: GenerateOptions,
    signal: AbortSignal,
  ): AsyncGenerator<Piece>
  /** All texts in one request. */
  embed(model: OllamaModel, texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>
}

export function ollamaHost(options: OllamaHostOptions): OllamaHost {
  const { url, askMs } = options
  /** Models for which the server has refused `think`. */
  const refusesThink = new Set<string>()

  /** Asks what may be asked twice. */
  async function ask<Shape extends z.ZodType>(
    where: Where,
    shape: Shape,
    signal: AbortSignal,
    question: (client: Ollama) => Promise<unknown>,
    patienceMs = askMs,
  ): Promise<z.infer<Shape>> {
    const once = async (): Promise<unknown> => {
      using call = openCall(where, signal, (silentMs) =>
        patienceMs > askMs ? stalled(where, silentMs) : unreachable(where, new Error('no answer in time')),
      )
      call.expect(patienceMs)
      try {
        return await question(new Ollama({ host: url, fetch: fetchJson(where, call) }))
      } catch (error) {
        throw call.signal.aborted ? call.signal.reason : fromNetwork(where, error)
      }
    }
    const broke = (error: unknown): error is HearthError =>
      error instanceof HearthError && error.code === 'died-mid-reply'

    let answer: unknown
    try {
      // A connection that breaks may be an old one that had died unseen: the second one is new.
      answer = await once().catch((error: unknown) => (broke(error) ? once() : Promise.reject(error)))
    } catch (error) {
      throw broke(error) ? unreachable(where, error.cause) : error
    }
    const read = shape.safeParse(answer)
    if (!read.success) throw notOllama(where, 'JSON of another kind')
    return read.data
  }

  return {
    url,
    async ping(signal) {
      await ask({ host: url }, versionShape, signal, (client) => client.version())
    },
    async list(signal) {
      const { models } = await ask({ host: url }, tagsShape, signal, (client) => client.list())
      return (models ?? []).map((model) => ({
        name: model.name,
        modifiedAtMs: Date.parse(model.modified_at ?? '') || 0,
        chats: model.capabilities?.includes('completion'),
        elsewhere: (model.remote_host ?? '') !== '',
      }))
    },
    async describe(name, signal) {
      const where = { host: url, model: name }
      const model = describeModel(
        name,
        await ask(where, showShape, signal, (client) => client.show({ model: name })),
      )
      if (model.elsewhere) throw modelElsewhere(where)
      return model
    },
    async *chat(model, prompt, generate, signal) {
      using call = openCall({ host: url, model: model.name }, signal)
      const plain = refusesThink.has(model.name) ? { ...model, think: undefined } : model
      try {
        try {
          yield* streamReply(options, plain, prompt, generate, call)
        } catch (error) {
          const maybeThink =
            error instanceof HearthError && error.code === 'refused' && plain.think !== undefined
          if (!maybeThink) throw error
          yield* streamReply(options, { ...model, think: undefined }, prompt, generate, call)
          refusesThink.add(model.name)
        }
      } catch (error) {
        throw call.signal.aborted ? call.signal.reason : fromNetwork({ host: url, model: model.name }, error)
      }
    },
    async embed(model, texts, signal) {
      const where = { host: url, model: model.name }
      const { embeddings } = await ask(
        where,
        embedShape,
        signal,
        (client) =>
          client.embed({
            model: model.name,
            input: [...texts],
            truncate: false,
            keep_alive: options.keepAlive,
            options: { num_ctx: Math.min(model.contextTokens, maxEmbedContextTokens) },
          }),
        options.loadMs,
      )
      if (embeddings.length !== texts.length)
        throw badEmbedding(where, 'another number of embeddings than asked for')
      return embeddings.map((numbers) => {
        const vector = Float32Array.from(numbers, (number) => number ?? Number.NaN)
        if (!vector.every(Number.isFinite)) throw badEmbedding(where, 'an embedding that holds no numbers')
        return vector
      })
    },
  }
}
