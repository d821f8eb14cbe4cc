import { setTimeout as sleep } from 'node:timers/promises'
import type { GenerateOptions, Generator, ModelInfo, Piece, Prompt } from '../../src/core/model.ts'

export interface ScriptedGenerator extends Generator {
  readonly prompts: Prompt[]
  readonly options: GenerateOptions[]
  readonly aborted: number
}

export const scriptedModel: ModelInfo = {
  name: 'scripted',
  where: 'in this test',
  contextTokens: 8_192,
  sees: false,
  thinks: false,
  continues: false,
  pocket: false,
}

/** What the person said last, for scripts that echo it. */
export const lastSaid = (prompt: Prompt): string => prompt.findLast(({ role }) => role === 'user')?.text ?? ''

/**
 * A generator that says what a script tells it to, word by word; a thrown error is the model's.
 * `paceMs` between the words.
 */
export function scriptedGenerator(
  script: (prompt: Prompt, call: number) => string | readonly string[],
  { paceMs = 0, info = scriptedModel }: { readonly paceMs?: number; readonly info?: ModelInfo } = {},
): ScriptedGenerator {
  const prompts: Prompt[] = []
  const options: GenerateOptions[] = []
  let aborted = 0
  return {
    prompts,
    options,
    get aborted() {
      return aborted
    },
    info: async () => info,
    async *generate(prompt, given, signal): AsyncIterable<Piece> {
      prompts.push(prompt)
      options.push(given)
      const said = script(prompt, prompts.length)
      const pieces = typeof said === 'string' ? (said.match(/\S+\s*|\s+/g) ?? []) : said
      try {
        for (const text of pieces) {
          signal.throwIfAborted()
          if (paceMs > 0) await sleep(paceMs, undefined, { signal })
          yield { kind: 'text', text }
        }
      } catch (error) {
        if (signal.aborted) aborted++
        throw error
      }
      yield { kind: 'end', model: info.name, finish: 'stop', promptTokens: 0, replyTokens: pieces.length }
    },
  }
}
