import path from 'node:path'
import type { Llama, LlamaChat, LlamaContextSequence, LlamaModel } from 'node-llama-cpp'
import { bindingError, contextError, unreadableWeightsError } from './pocket-errors.ts'
import { chooseThreads } from './pocket-threads.ts'
import type { Weights } from './weights.ts'

/** The loaded model with its one context and one sequence, whose cache lives from call to call. */
export interface PocketEngine extends AsyncDisposable {
  readonly name: string
  readonly contextTokens: number
  readonly llama: Llama
  readonly model: LlamaModel
  readonly sequence: LlamaContextSequence
  readonly chat: LlamaChat
}

export interface EngineOptions {
  readonly weights: Weights
  readonly modelsFolder: string
  /** Tokens of prompt and reply together; the model's own limit holds too. */
  readonly contextTokens: number
}

/**
 * node-llama-cpp moves old messages out of a context that is full but for one token. A few tokens more than we
 * ever use keep it from doing so.
 */
const spareTokens = 8

/**
 * Throws `HearthError` (`model`: `pocket-unavailable`, `pocket-weights-unreadable`, `pocket-memory`), or what the
 * aborted signal throws. The package is optional, so it is first looked for here.
 */
export async function loadEngine(options: EngineOptions, signal: AbortSignal): Promise<PocketEngine> {
  const { weights, modelsFolder } = options
  const package_ = await import('node-llama-cpp').catch((error: unknown) => {
    throw bindingError(error)
  })
  let complaint: string | undefined
  const llama = await package_
    .getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: package_.LlamaLogLevel.error,
      // The terminal belongs to the conversation; what is said last explains a failure.
      logger: (_level, message) => {
        complaint = message.trim().slice(0, 200)
      },
      // Our own number of threads is meant as it stands.
      maxThreads: 0,
    })
    .catch((error: unknown) => {
      throw bindingError(error)
    })
  try {
    signal.throwIfAborted()
    const model = await llama
      .loadModel({ modelPath: weights.path, loadSignal: signal })
      .catch((error: unknown) => {
        signal.throwIfAborted()
        throw unreadableWeightsError(weights.path, complaint, error)
      })
    const threads = await chooseThreads(modelsFolder, (threads, limitMs) =>
      measureTokenMs(model, threads, limitMs, signal),
    )
    const contextTokens = Math.min(options.contextTokens, model.trainContextSize)
    const context = await model
      .createContext({ contextSize: contextTokens + spareTokens, threads, createSignal: signal })
      .catch((error: unknown) => {
        signal.throwIfAborted()
        throw contextError(contextTokens, error)
      })
    const sequence = context.getSequence()
    const chatWrapper =
      weights.layout === 'plain' ? plainLayout(package_) : package_.resolveChatWrapper(model)
    const chat = new package_.LlamaChat({ contextSequence: sequence, chatWrapper })
    return {
      name: path.basename(weights.path, '.gguf'),
      contextTokens,
      llama,
      model,
      sequence,
      chat,
      // It disposes of everything that was made from it.
      [Symbol.asyncDispose]: () => llama.dispose(),
    }
  } catch (error) {
    await llama.dispose()
    throw error
  }
}

/** For a model that was never trained to chat: a dialogue under headings, that it goes on with. */
function plainLayout({ GeneralChatWrapper }: typeof import('node-llama-cpp')) {
  return new GeneralChatWrapper({ userMessageTitle: 'Person', modelResponseTitle: 'Reply' })
}

const measuredTokens = 6
const trialContextTokens = 64

/** The median over a few tokens; gives up early, with what it has, when it is far slower than `limitMs`. */
async function measureTokenMs(
  model: LlamaModel,
  threads: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<number> {
  await using context = await model.createContext({
    contextSize: trialContextTokens,
    threads,
    createSignal: signal,
  })
  const tokens = context.getSequence().evaluate(model.tokenize('The rain is on the roof'), { temperature: 0 })
  const laps: number[] = []
  // The first token pays for the prompt.
  await tokens.next()
  for (let startedAt = performance.now(); laps.length < measuredTokens; startedAt = performance.now()) {
    signal.throwIfAborted()
    await tokens.next()
    const lapMs = performance.now() - startedAt
    laps.push(lapMs)
    if (lapMs > limitMs * 4) break
  }
  await tokens.return()
  return laps.toSorted((a, b) => a - b)[Math.floor(laps.length / 2)] ?? Number.POSITIVE_INFINITY
}
