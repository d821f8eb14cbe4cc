import type { Generator, Sampling } from '../core/model.ts'
import { readReply, replyCharsMost } from './extract-parse.ts'
import { extractFormat, extractPrompt } from './extract-prompt.ts'
import type { Batch, Fact, Refusal, SaidMessage } from './fact.ts'
import { gate, type RefusalCounts } from './gate.ts'
import { looseWords } from './gate-tokens.ts'

export interface ExtractOptions {
  readonly model?: string
  /** Of prompt and reply together. */
  readonly contextTokens: number
  readonly stickiness: string
  readonly fairness: string
}

export interface Extraction {
  readonly facts: readonly Fact[]
  readonly refused: RefusalCounts
  /** `false`: rubbish came, also when it was asked once more. */
  readonly readable: boolean
  /** Nothing in the batch can hold a fact, so no model was asked. */
  readonly asked: boolean
  readonly promptTokens: number
  readonly replyTokens: number
}

const replyTokensMost = 1_200
/** About two thousand tokens, which leaves room for the rules and the reply in the smallest context. */
const batchCharsMost = 6_000
const batchMessagesMost = 20
const contextMessages = 4

/** Messages of one room in order, as batches that one call each can read. */
export function batchesOf(
  before: readonly SaidMessage[],
  messages: readonly SaidMessage[],
  personaName: string,
): readonly Batch[] {
  const batches: SaidMessage[][] = []
  let chars = 0
  for (const message of messages) {
    const open = batches.at(-1)
    if (
      open === undefined ||
      open.length >= batchMessagesMost ||
      chars + message.text.length > batchCharsMost
    ) {
      batches.push([message])
      chars = 0
    } else open.push(message)
    chars += message.text.length
  }
  return batches.map((batch) => {
    const at = messages.indexOf(batch[0] as SaidMessage)
    return {
      before: [...before, ...messages.slice(0, at)].slice(-contextMessages),
      messages: batch,
      personaName,
    }
  })
}

const wordsLeast = 3

/** A greeting alone is not worth a call; a short answer to a question may be. */
function mayHold({ before, messages }: Batch): boolean {
  return messages.some(({ speaker, text }, at) => {
    if (speaker.kind === 'persona') return false
    const previous = messages[at - 1] ?? (at === 0 ? before.at(-1) : undefined)
    const answers = previous?.speaker.kind === 'persona' && previous.text.includes('?')
    return answers || looseWords(text).length >= wordsLeast
  })
}

/**
 * One call of the model for the batch, or two where the first gives rubbish, and its answer through the gate. A job: people go before it.
 * Throws `HearthError` (`who: 'model'`), or what the aborted signal throws.
 */
export async function extract(
  batch: Batch,
  generator: Generator,
  options: ExtractOptions,
  signal: AbortSignal,
): Promise<Extraction> {
  if (!mayHold(batch)) {
    return { ...gate(batch, []), readable: true, asked: false, promptTokens: 0, replyTokens: 0 }
  }
  const first = await askOnce(batch, likeliest, generator, options, signal)
  if (first.readable) return first
  const second = await askOnce(batch, otherwise, generator, options, signal)
  return {
    ...second,
    promptTokens: first.promptTokens + second.promptTokens,
    replyTokens: first.replyTokens + second.replyTokens,
  }
}

/** Nothing here is to be invented. */
const likeliest: Sampling = { temperature: 0, repeatPenalty: 1 }
/** Asked the same way again, the same would come. */
const otherwise: Sampling = { temperature: 0.4, repeatPenalty: 1, seed: 1 }

async function askOnce(
  batch: Batch,
  sampling: Sampling,
  generator: Generator,
  options: ExtractOptions,
  signal: AbortSignal,
): Promise<Extraction> {
  let reply = ''
  let promptTokens = 0
  let replyTokens = 0
  const pieces = generator.generate(
    extractPrompt(batch),
    {
      ...(options.model === undefined ? {} : { model: options.model }),
      contextTokens: options.contextTokens,
      replyTokens: replyTokensMost,
      sampling,
      stop: [],
      format: extractFormat,
      stickiness: options.stickiness,
      fairness: options.fairness,
      priority: 'job',
    },
    signal,
  )
  for await (const piece of pieces) {
    if (piece.kind === 'end') ({ promptTokens, replyTokens } = piece)
    else reply += piece.text
    // Leaving the loop stops the generation.
    if (reply.length > replyCharsMost) break
  }
  const { candidates, refused, readable } = readReply(reply)
  const gated = gate(batch, candidates)
  return {
    facts: gated.facts,
    refused: added(gated.refused, refused),
    readable,
    asked: true,
    promptTokens,
    replyTokens,
  }
}

function added(a: RefusalCounts, b: RefusalCounts): RefusalCounts {
  return Object.fromEntries(
    Object.entries(a).map(([refusal, count]) => [refusal, count + b[refusal as Refusal]]),
  ) as RefusalCounts
}
