import type { ChatHistoryItem, LlamaGrammar, Token } from 'node-llama-cpp'
import type { GenerateOptions, Generator, ModelInfo, Piece, Prompt, Sampling } from '../core/model.ts'
import { holdBackSurrogate } from '../core/text.ts'
import { loadEngine, type PocketEngine } from './pocket-engine.ts'
import {
  closedError,
  formatError,
  generationError,
  otherModelError,
  promptTooLongError,
} from './pocket-errors.ts'
import { toChatHistory } from './pocket-prompt.ts'
import { createModelTurns } from './pocket-turns.ts'
import { fetchWeights, type WeightsOptions } from './weights.ts'

export interface PocketOptions extends WeightsOptions {
  /** Tokens of prompt and reply together. Each takes about 23 kB of memory with SmolLM2-135M. */
  readonly contextTokens?: number | undefined
}

/** Counts since the start, in tokens: what the processor really worked on, without what the cache spared it. */
export interface PocketWork {
  readonly promptTokens: number
  readonly replyTokens: number
}

export interface PocketModel extends Generator, AsyncDisposable {
  readonly work: () => PocketWork
}

/** One core reads about 180 tokens of a prompt a second: a longer one would keep people waiting too long. */
const defaultContextTokens = 4096
/** Between two of these pieces of a prompt an abort is heeded: about a third of a second on one core. */
const promptStepTokens = 64

/**
 * What a persona leaves open; and the temperature is never higher, because personas are written for
 * models that keep their head at 0.8. Measured with SmolLM2-135M as Mira, told "I am Ada" and then asked
 * for the name: it said "Ada" in 8 of 10 dialogues at 0.15, 7 of 10 at 0.3 and 6 of 10 at 0.6. Without
 * a penalty it falls into loops ("I'm a little dry. I'm a little dry.").
 */
export const pocketSampling = {
  temperature: 0.2,
  minP: 0.1,
  repeatPenalty: 1.1,
} as const satisfies Sampling

/**
 * A small model in this process, on the processor alone. The weights are fetched when they are not there yet.
 * Dispose of it before the process ends: it holds native threads and memory.
 *
 * Throws `HearthError` (`model`; see `fetchWeights` and `loadEngine`), or what the aborted signal throws.
 */
export async function openPocketModel(options: PocketOptions, signal: AbortSignal): Promise<PocketModel> {
  const weights = await fetchWeights(options, signal)
  const contextTokens = options.contextTokens ?? defaultContextTokens
  const engine = await loadEngine({ weights, modelsFolder: options.modelsFolder, contextTokens }, signal)
  const turns = createModelTurns()
  const closing = new AbortController()
  const info: ModelInfo = {
    name: engine.name,
    where: 'in this process',
    contextTokens: engine.contextTokens,
    sees: false,
    thinks: false,
    continues: false,
    pocket: true,
  }
  const requireThis = (model: string | undefined) => {
    if (closing.signal.aborted) throw closing.signal.reason
    if (model !== undefined && model !== info.name) throw otherModelError(model, info.name)
  }

  return {
    async info(model, signal) {
      signal.throwIfAborted()
      requireThis(model)
      return info
    },

    async *generate(prompt, generateOptions, signal) {
      requireThis(generateOptions.model)
      const ending = AbortSignal.any([signal, closing.signal])
      using _turn = await turns.enter(generateOptions, ending)
      yield* answer(engine, prompt, generateOptions, ending)
    },

    work: () => {
      const { usedInputTokens, usedOutputTokens } = engine.sequence.tokenMeter
      return { promptTokens: usedInputTokens, replyTokens: usedOutputTokens }
    },

    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return
      closing.abort(closedError())
      // The call that is under way notices at its next token and leaves.
      using _turn = await turns.enter({ fairness: '', priority: 'person' }, new AbortController().signal)
      await engine[Symbol.asyncDispose]()
    },
  }
}

async function* answer(
  engine: PocketEngine,
  prompt: Prompt,
  options: GenerateOptions,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const history = toChatHistory(prompt)
  const tokens = promptTokens(engine, history)
  const limit = Math.min(options.contextTokens, engine.contextTokens)
  if (tokens.length >= limit) throw promptTooLongError(tokens.length, limit)
  const grammar = options.format === undefined ? undefined : await jsonGrammar(engine, options.format)
  // The reader may go away in the middle; then the model has to stop too.
  const leaving = new AbortController()
  const ending = AbortSignal.any([signal, leaving.signal])
  const pieces = createPieces()
  const maxTokens = Math.min(options.replyTokens, limit - tokens.length)
  const finished = run(engine, history, tokens, { options, maxTokens, grammar, ending, pieces })
  try {
    let held = ''
    for await (const text of pieces.read()) {
      const cut = holdBackSurrogate(held + text)
      held = cut.held
      if (cut.ready !== '') yield { kind: 'text', text: cut.ready }
    }
    const { finish, replyTokens } = await finished
    const rest = held.toWellFormed()
    if (rest !== '') yield { kind: 'text', text: rest }
    yield { kind: 'end', model: engine.name, finish, promptTokens: tokens.length, replyTokens }
  } finally {
    leaving.abort()
    await finished.catch(() => undefined)
  }
}

interface Run {
  readonly options: GenerateOptions
  readonly maxTokens: number
  readonly grammar: LlamaGrammar | undefined
  readonly ending: AbortSignal
  readonly pieces: Pieces
}

async function run(engine: PocketEngine, history: ChatHistoryItem[], prompt: Token[], run: Run) {
  const { options, maxTokens, grammar, ending, pieces } = run
  const sampling = { ...pocketSampling, ...withoutUndefined(options.sampling) }
  const temperature = Math.min(sampling.temperature, pocketSampling.temperature)
  let replyTokens = 0
  try {
    await readPrompt(engine, prompt, ending)
    const { metadata } = await engine.chat.generateResponse(history, {
      signal: ending,
      maxTokens,
      temperature,
      minP: sampling.minP,
      ...(sampling.topP === undefined ? {} : { topP: sampling.topP }),
      ...(sampling.topK === undefined ? {} : { topK: sampling.topK }),
      ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
      ...(grammar === undefined ? {} : { grammar }),
      repeatPenalty: sampling.repeatPenalty === 1 ? false : { penalty: sampling.repeatPenalty },
      customStopTriggers: options.stop.filter((text) => text !== ''),
      onTextChunk: pieces.push,
      onToken: (tokens) => {
        replyTokens += tokens.length
      },
      contextShift: { strategy: refuseToShift },
    })
    pieces.end()
    return {
      finish: metadata.stopReason === 'maxTokens' ? ('length' as const) : ('stop' as const),
      replyTokens,
    }
  } catch (error) {
    const reason = ending.aborted ? ending.reason : generationError(error)
    pieces.fail(reason)
    throw reason
  }
}

/**
 * Evaluates what of the prompt is not in the cache yet, in steps: `generateResponse` would do it in one call that
 * no abort reaches. It finds all but the last token done.
 */
async function readPrompt(engine: PocketEngine, prompt: Token[], signal: AbortSignal): Promise<void> {
  const wanted = prompt.slice(0, -1)
  signal.throwIfAborted()
  await engine.sequence.adaptStateToTokens(wanted, false)
  while (engine.sequence.nextTokenIndex < wanted.length) {
    signal.throwIfAborted()
    const from = engine.sequence.nextTokenIndex
    await engine.sequence.evaluateWithoutGeneratingNewTokens(wanted.slice(from, from + promptStepTokens))
  }
}

/** As `generateResponse` will lay it out. */
function promptTokens({ chat, model }: PocketEngine, history: readonly ChatHistoryItem[]): Token[] {
  const open: ChatHistoryItem[] = history.at(-1)?.type === 'model' ? [] : [{ type: 'model', response: [] }]
  return chat.chatWrapper
    .generateContextState({ chatHistory: [...history, ...open] })
    .contextText.tokenize(model.tokenizer)
}

/** Never reached: the prompt was measured before. A silent cut would make the persona forget without anybody's knowing. */
function refuseToShift(): never {
  throw new Error('the context is full')
}

async function jsonGrammar(
  { llama }: PocketEngine,
  schema: Readonly<Record<string, unknown>>,
): Promise<LlamaGrammar> {
  try {
    return await llama.createGrammarForJsonSchema(
      schema as Parameters<typeof llama.createGrammarForJsonSchema>[0],
    )
  } catch (error) {
    throw formatError(error)
  }
}

function withoutUndefined(sampling: Sampling): Sampling {
  return Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined))
}

interface Pieces {
  readonly push: (text: string) => void
  readonly end: () => void
  readonly fail: (reason: unknown) => void
  readonly read: () => AsyncGenerator<string>
}

/** From the callback of the model to the reader's loop. It grows no longer than one reply. */
function createPieces(): Pieces {
  const waiting: string[] = []
  let state: { readonly done: boolean; readonly failure?: { readonly reason: unknown } } = { done: false }
  let wake = () => {}
  const change = (next: () => void) => {
    next()
    wake()
  }
  return {
    push: (text) => change(() => waiting.push(text)),
    end: () => change(() => (state = { done: true })),
    fail: (reason) => change(() => (state = { done: true, failure: { reason } })),
    async *read() {
      for (;;) {
        for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) yield text
        if (state.failure !== undefined) throw state.failure.reason
        if (state.done) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
