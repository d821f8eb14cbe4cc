import { describe, expect, it } from 'vitest'
import { HearthError } from '../../src/core/errors.ts'
import type { GenerateOptions, Generator, Piece, Prompt } from '../../src/core/model.ts'

export const never = new AbortController().signal

export const plainOptions: GenerateOptions = {
  contextTokens: 2048,
  replyTokens: 24,
  sampling: { temperature: 0, seed: 1 },
  stop: [],
  stickiness: 'room',
  fairness: 'participant',
  priority: 'person',
}

export const hello: Prompt = [
  { role: 'system', text: 'You are a friendly companion. Answer in one sentence.' },
  { role: 'user', text: 'Hello! How are you today?' },
]

export interface Collected {
  readonly text: string
  readonly pieces: readonly string[]
  readonly end: Extract<Piece, { kind: 'end' }>
}

/** Reads to the end; fails unless `end` comes exactly once, and last. */
export async function collect(pieces: AsyncIterable<Piece>): Promise<Collected> {
  const texts: string[] = []
  let end: Collected['end'] | undefined
  for await (const piece of pieces) {
    if (end !== undefined) throw new Error(`a piece came after the end: ${piece.kind}`)
    if (piece.kind === 'end') end = piece
    else texts.push(piece.text)
  }
  if (end === undefined) throw new Error('no end came')
  return { text: texts.join(''), pieces: texts, end }
}

export const failure = async (promise: Promise<unknown>): Promise<HearthError> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof HearthError) return error
  throw error
}

export interface GeneratorUnderTest extends AsyncDisposable {
  readonly generator: Generator
  /** The name of a model that it has. */
  readonly model: string
}

/**
 * What every `Generator` keeps to, whatever speaks behind it. With the model of `open`, `hello` must
 * be answered by more than `plainOptions.replyTokens` tokens or by fewer, but by some.
 */
export function generatorContract(name: string, open: () => Promise<GeneratorUnderTest>): void {
  describe(`${name} keeps the contract of a generator`, () => {
    it('tells which model speaks, and the same again when it is asked again', async () => {
      await using under = await open()
      const info = await under.generator.info(undefined, never)
      expect(info.name).not.toBe('')
      expect(info.where).not.toBe('')
      expect(info.contextTokens).toBeGreaterThan(0)
      expect(await under.generator.info(undefined, never)).toEqual(info)
      expect((await under.generator.info(under.model, never)).name).toBe(under.model)
    })

    it('streams text and then one end with token counts', async () => {
      await using under = await open()
      const { text, end, pieces } = await collect(under.generator.generate(hello, plainOptions, never))
      expect(text.trim()).not.toBe('')
      expect(pieces.every((piece) => piece !== '' && piece.isWellFormed())).toBe(true)
      expect(end.promptTokens).toBeGreaterThan(0)
      expect(end.replyTokens).toBeGreaterThan(0)
      expect(end.replyTokens).toBeLessThanOrEqual(plainOptions.replyTokens)
    })

    it('stops at the longest reply that is allowed, and says so', async () => {
      await using under = await open()
      const options = { ...plainOptions, replyTokens: 2 }
      const { end } = await collect(under.generator.generate(hello, options, never))
      expect(end).toMatchObject({ finish: 'length', replyTokens: 2 })
    })

    it('ends the reply before a stop string', async () => {
      await using under = await open()
      const { text } = await collect(under.generator.generate(hello, plainOptions, never))
      const stop = text.trim().slice(2, 5)
      const stopped = await collect(under.generator.generate(hello, { ...plainOptions, stop: [stop] }, never))
      expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)))
    })

    it('says the same again to the same prompt, seed and temperature', async () => {
      await using under = await open()
      const first = await collect(under.generator.generate(hello, plainOptions, never))
      const second = await collect(under.generator.generate(hello, plainOptions, never))
      expect(second.text).toBe(first.text)
    })

    it('refuses a prompt that does not fit instead of cutting it', async () => {
      await using under = await open()
      const long: Prompt = [{ role: 'user', text: 'word '.repeat(3000) }]
      const options = { ...plainOptions, contextTokens: 512 }
      const error = await failure(collect(under.generator.generate(long, options, never)))
      expect(error).toMatchObject({ who: 'model', code: 'prompt-too-long', retryable: false })
    })

    it('refuses a model that it has not got, with the mend', async () => {
      await using under = await open()
      const options = { ...plainOptions, model: 'no-such-model' }
      const error = await failure(collect(under.generator.generate(hello, options, never)))
      expect(error).toMatchObject({ who: 'model', code: 'model-missing' })
      expect(error.message).toContain('no-such-model')
      expect(error.mend).toContain('ollama pull no-such-model')
    })

    it('throws what the signal was aborted with, before the first piece and after it', async () => {
      await using under = await open()
      const reason = new DOMException('enough', 'AbortError')
      await expect(
        collect(under.generator.generate(hello, plainOptions, AbortSignal.abort(reason))),
      ).rejects.toBe(reason)

      const stop = new AbortController()
      const reading = async (): Promise<void> => {
        for await (const piece of under.generator.generate(hello, plainOptions, stop.signal)) {
          if (piece.kind === 'text') stop.abort(reason)
        }
      }
      await expect(reading()).rejects.toBe(reason)
    })

    it('goes on after a reader who has left in the middle', async () => {
      await using under = await open()
      for await (const _ of under.generator.generate(hello, plainOptions, never)) break
      const { text } = await collect(under.generator.generate(hello, plainOptions, never))
      expect(text.trim()).not.toBe('')
    })

    it('answers several who ask at once', async () => {
      await using under = await open()
      const replies = await Promise.all(
        ['ada', 'bob', 'cy'].map((fairness) =>
          collect(
            under.generator.generate(hello, { ...plainOptions, fairness, stickiness: fairness }, never),
          ),
        ),
      )
      expect(replies.every(({ text }) => text.trim() !== '')).toBe(true)
    })
  })
}
