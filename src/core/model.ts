import type { Image } from './conversation.ts'

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly text: string
  readonly images?: readonly Image[]
}

/** In the order in which the model reads it. */
export type Prompt = readonly PromptMessage[]

export interface ModelInfo {
  readonly name: string
  /** Where it runs, for people: `http://127.0.0.1:11434`, `in this process`. */
  readonly where: string
  /** The longest prompt plus reply that it takes, in tokens. */
  readonly contextTokens: number
  readonly sees: boolean
  readonly thinks: boolean
  /** It goes on with a last message that is its own, as the beginning of the reply. */
  readonly continues: boolean
  /** A small model for trying things out. */
  readonly pocket: boolean
}

export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  /** 0: all of them. */
  readonly topK?: number
  readonly minP?: number
  readonly repeatPenalty?: number
  readonly seed?: number
}

export interface GenerateOptions {
  /** The model's name; without it the configured or found one. */
  readonly model?: string
  /** Tokens of prompt and reply together (`num_ctx`). */
  readonly contextTokens: number
  /** The longest reply, in tokens. */
  readonly replyTokens: number
  readonly sampling: Sampling
  /** The reply ends before any of these. */
  readonly stop: readonly string[]
  /** A JSON schema that the reply must keep. */
  readonly format?: Readonly<Record<string, unknown>>
  /** Calls with the same value go to the same host while it is healthy, for its prefix cache. */
  readonly stickiness: string
  /** Hosts are shared fairly between different values: one per participant. */
  readonly fairness: string
  /** People before jobs. */
  readonly priority: 'person' | 'job'
}

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'end'
      readonly model: string
      /** `length`: the limit cut it off. */
      readonly finish: 'stop' | 'length'
      readonly promptTokens: number
      readonly replyTokens: number
    }

/** Throws `HearthError` (`who: 'model'`), or what the aborted signal throws. */
export interface Generator {
  /** Facts about a model, remembered after the first call. */
  info(model: string | undefined, signal: AbortSignal): Promise<ModelInfo>
  /** Streams text, then exactly one `end`. Aborting the signal really stops the generation. */
  generate(prompt: Prompt, options: GenerateOptions, signal: AbortSignal): AsyncIterable<Piece>
}

/** What a text is embedded as: many models want to be told. */
export type EmbeddingKind = 'query' | 'document'

/** Throws `HearthError` (`who: 'model'`), or what the aborted signal throws. */
export interface Embedder {
  readonly model: string
  readonly dimensions: number
  embed(texts: readonly string[], kind: EmbeddingKind, signal: AbortSignal): Promise<readonly Float32Array[]>
}
