import type { ChatRequest, Message } from 'ollama'
import { z } from 'zod'
import type { GenerateOptions, Prompt } from '../core/model.ts'

/** Ollama's answers, as far as we read them. What older releases leave out is optional. */
export const tagsShape = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        modified_at: z.string().optional(),
        remote_host: z.string().optional(),
        capabilities: z.array(z.string()).optional(),
      }),
    )
    .nullish(),
})

export const showShape = z.object({
  capabilities: z.array(z.string()).nullish(),
  details: z.object({ family: z.string().optional() }).nullish(),
  model_info: z.record(z.string(), z.unknown()).nullish(),
  parameters: z.string().nullish(),
  template: z.string().nullish(),
  remote_host: z.string().nullish(),
})

export const versionShape = z.object({ version: z.string() })

const count = z.number().int().nonnegative()

export const chatLineShape = z.object({
  message: z.object({ content: z.string().nullish(), thinking: z.string().nullish() }).nullish(),
  done: z.boolean(),
  done_reason: z.string().nullish(),
  prompt_eval_count: count.nullish(),
  eval_count: count.nullish(),
})

export const embedShape = z.object({ embeddings: z.array(z.array(z.number().nullable())) })

/** What a server says about one model. */
export interface OllamaModel {
  readonly name: string
  readonly contextTokens: number
  readonly chats: boolean
  readonly sees: boolean
  readonly thinks: boolean
  /** What to send as `think`; undefined: nothing. */
  readonly think: false | 'low' | undefined
  /** Its template begins each reply with `<think>`, and the server knows nothing of it. */
  readonly opensThinking: boolean
  /** The model's own stop strings: a request's replace them, so they are sent with ours. */
  readonly stop: readonly string[]
  /** The server passes it on to a machine of somebody else's. */
  readonly elsewhere: boolean
}

/** Where a model does not say how much it takes: what Ollama itself assumes. */
const assumedContextTokens = 4096

/** Families that cannot but think; they only take how much. */
const alwaysThinking = new Set(['gptoss', 'gpt-oss'])

function stopStrings(parameters: string): readonly string[] {
  return parameters.split('\n').flatMap((line) => {
    const quoted = /^stop\s+(".*")\s*$/.exec(line)?.[1]
    if (quoted === undefined) return []
    try {
      return [String(JSON.parse(quoted))]
    } catch {
      return []
    }
  })
}

/** What stands in braces says when something is written, and writes nothing. */
const endsInThinking = (template: string) =>
  /<think(?:ing)?>$/.test(template.replaceAll(/\{\{[^{}]*\}\}|\s/g, ''))

export function describeModel(name: string, shown: z.infer<typeof showShape>): OllamaModel {
  const info = shown.model_info ?? {}
  const contextLength = info[`${String(info['general.architecture'] ?? '')}.context_length`]
  const family = shown.details?.family ?? ''
  // Before 0.6.4 servers did not tell; then only the family gives an embedding model away.
  const can = shown.capabilities ?? (/bert/.test(family) ? ['embedding'] : ['completion'])
  const thinks = can.includes('thinking')
  return {
    name,
    contextTokens:
      typeof contextLength === 'number' && Number.isInteger(contextLength) && contextLength > 0
        ? contextLength
        : assumedContextTokens,
    chats: can.includes('completion'),
    sees: can.includes('vision'),
    thinks,
    think: !thinks ? undefined : alwaysThinking.has(family) ? 'low' : false,
    opensThinking: !thinks && endsInThinking((shown.template ?? '').slice(-200)),
    stop: stopStrings(shown.parameters ?? ''),
    elsewhere: (shown.remote_host ?? '') !== '',
  }
}

/** What Ollama takes beyond what its package has types for. */
export type StreamingChatRequest = ChatRequest & {
  readonly stream: true
  readonly truncate: false
  readonly shift: false
}

/**
 * `num_ctx` is always set, because the server's own default silently cuts the prompt, and `truncate`
 * and `shift` are off, so that what does not fit is an error. `shift` and `num_ctx` belong to the
 * loaded model: a call with another value makes the server load it anew.
 */
export function chatRequest(
  model: OllamaModel,
  prompt: Prompt,
  options: GenerateOptions,
  keepAlive: string | number,
): StreamingChatRequest {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = options.sampling
  return {
    model: model.name,
    messages: prompt.map((message): Message => {
      const images = model.sees ? (message.images ?? []).map(({ bytes }) => bytes) : []
      return { role: message.role, content: message.text, ...(images.length > 0 && { images }) }
    }),
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: keepAlive,
    ...(model.think !== undefined && { think: model.think }),
    ...(options.format !== undefined && { format: options.format }),
    options: {
      num_ctx: Math.min(options.contextTokens, model.contextTokens),
      num_predict: options.replyTokens,
      ...(options.stop.length > 0 && { stop: [...new Set([...options.stop, ...model.stop])] }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { top_p: topP }),
      ...(topK !== undefined && { top_k: topK }),
      ...(minP !== undefined && { min_p: minP }),
      ...(repeatPenalty !== undefined && { repeat_penalty: repeatPenalty }),
      ...(seed !== undefined && { seed }),
    },
  }
}
