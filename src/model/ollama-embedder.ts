import { HearthError } from '../core/errors.ts'
import type { Embedder } from '../core/model.ts'
import { embeddingPrefix } from './embedding-prefixes.ts'
import { badEmbedding, mayTryElsewhere, unreachable } from './errors.ts'
import { type OllamaHost, ollamaHost } from './ollama.ts'
import type { OllamaModel } from './ollama-wire.ts'

export interface OllamaEmbedderOptions {
  /** Addresses as `ollamaAddress` gives them, in the order in which they are tried. */
  readonly hosts: readonly string[]
  readonly model: string
  /** `30m`, or seconds; -1 for ever. */
  readonly keepAlive?: string | number | undefined
}

/** Enough to keep a GPU busy, few enough that an abort or a failure wastes little. */
const batchSize = 64

interface Place {
  readonly host: OllamaHost
  model: OllamaModel | undefined
}

/**
 * Asks the model for one embedding, to learn its dimensions. A text that is longer than the model
 * takes is refused (`prompt-too-long`), never cut. Throws `HearthError`, or what the signal throws.
 */
export async function openOllamaEmbedder(
  options: OllamaEmbedderOptions,
  signal: AbortSignal,
): Promise<Embedder> {
  const places = options.hosts.map((url): Place => {
    const host = ollamaHost({
      url,
      keepAlive: options.keepAlive ?? '30m',
      askMs: 10_000,
      loadMs: 300_000,
      stallMs: 120_000,
    })
    return { host, model: undefined }
  })

  async function embedBatch(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    let problem: unknown = unreachable({ host: 'any configured address' })
    for (const [index, place] of places.entries()) {
      try {
        place.model ??= await place.host.describe(options.model, signal)
        return await place.host.embed(place.model, texts, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!mayTryElsewhere(error)) throw error
        if (error instanceof HearthError && error.code === 'model-missing') place.model = undefined
        // The first host is the one that the operator thinks of.
        if (index === 0) problem = error
      }
    }
    throw problem
  }

  const [sample] = await embedBatch(['hearth'], signal)
  const dimensions = sample?.length ?? 0
  const where = { host: options.hosts.join(' or '), model: options.model }
  if (dimensions === 0) throw badEmbedding(where, 'an empty embedding')

  return {
    model: options.model,
    dimensions,
    async embed(texts, kind, signal) {
      const prefix = embeddingPrefix(options.model, kind)
      const prefixed = texts.map((text) => `${prefix}${text}`)
      const vectors: Float32Array[] = []
      for (let at = 0; at < prefixed.length; at += batchSize) {
        vectors.push(...(await embedBatch(prefixed.slice(at, at + batchSize), signal)))
      }
      if (vectors.some(({ length }) => length !== dimensions)) {
        throw badEmbedding(where, `embeddings that do not all have ${dimensions} numbers`)
      }
      return vectors
    },
  }
}
