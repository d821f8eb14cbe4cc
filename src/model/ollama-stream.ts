import { Ollama } from 'ollama'
import { HearthError } from '../core/errors.ts'
import type { GenerateOptions, Piece, Prompt } from '../core/model.ts'
import { holdBackSurrogate } from '../core/text.ts'
import { garbled } from './errors.ts'
import { type Call, fetchLines, type LineReader, type Patience } from './ollama-call.ts'
import { chatLineShape, chatRequest, type OllamaModel } from './ollama-wire.ts'
import { createThinkFilter } from './think-filter.ts'

export interface ReplySource extends Patience {
  readonly url: string
  readonly keepAlive: string | number
}

/** Ollama ends its stream without a last word when a model has said the same token over and over so often. */
const repeatsUntilServerGivesUp = 30

/** How often the same token has just been said, counted as the server counts it. */
function createRepeatCounter(): { push(text: string): void; times(): number } {
  let last: string | undefined
  let again = 0
  return {
    push(text) {
      const token = text.trim()
      again = token === last ? again + 1 : 0
      last = token
    },
    times: () => again,
  }
}

/**
 * One reply. Ends the connection neither when it is over nor when it fails: the call's owner does.
 * Throws `HearthError`, or what the call's signal was aborted with.
 */
export async function* streamReply(
  host: ReplySource,
  model: OllamaModel,
  prompt: Prompt,
  generate: GenerateOptions,
  call: Call,
): AsyncGenerator<Piece> {
  const where = { host: host.url, model: model.name }
  let lines: LineReader | undefined
  const client = new Ollama({
    host: host.url,
    fetch: fetchLines(where, call, host, (opened) => {
      lines = opened
    }),
  })
  call.expect(host.loadMs)
  const answer = await client.chat(chatRequest(model, prompt, generate, host.keepAlive))

  // A grammar keeps thinking out of structured output, where the tags may stand in somebody's words.
  const filter = generate.format === undefined ? createThinkFilter(model.opensThinking) : undefined
  // A server that does not keep to `num_predict`: a token is seldom longer than 10 characters.
  const bound = { lines: generate.replyTokens * 2 + 64, chars: generate.replyTokens * 32 + 4096 }
  let count = 0
  let chars = 0
  let held = ''
  const repeats = createRepeatCounter()
  const ready = (text: string, last: boolean): string => {
    const passed = filter === undefined ? text : filter.push(text) + (last ? filter.end() : '')
    const split = holdBackSurrogate(held + passed)
    held = last ? '' : split.held
    return last ? (split.ready + split.held).toWellFormed() : split.ready.toWellFormed()
  }

  try {
    for await (const line of answer) {
      // The rest may have arrived already.
      call.signal.throwIfAborted()
      const read = chatLineShape.safeParse(line)
      if (!read.success) throw garbled(where, 'a line of another kind')
      const { message, done, done_reason, prompt_eval_count, eval_count } = read.data
      const content = (message?.content ?? '').slice(0, Math.max(0, bound.chars - chars))
      const spoken = content + (message?.thinking ?? '')
      count++
      chars += spoken.length
      repeats.push(spoken)
      const endless = !done && (count >= bound.lines || chars >= bound.chars)
      const text = ready(content, done || endless)
      if (text !== '') yield { kind: 'text', text }
      if (!done && !endless) continue
      if (done && lines !== undefined) call.linger(lines.drain())
      yield {
        kind: 'end',
        model: model.name,
        finish: endless || done_reason === 'length' ? 'length' : 'stop',
        promptTokens: prompt_eval_count ?? 0,
        replyTokens: eval_count ?? count,
      }
      return
    }
  } catch (error) {
    const gaveUp =
      error instanceof HearthError &&
      error.code === 'died-mid-reply' &&
      error.cause === undefined &&
      repeats.times() >= repeatsUntilServerGivesUp
    if (!gaveUp) throw error
    const text = ready('', true)
    if (text !== '') yield { kind: 'text', text }
    yield { kind: 'end', model: model.name, finish: 'length', promptTokens: 0, replyTokens: count }
  }
}
