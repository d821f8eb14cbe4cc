import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type HearthError, modelError } from '../../src/core/errors.ts'
import type { MessageEvent } from '../../src/core/events.ts'
import type { Prompt } from '../../src/core/model.ts'
import { sql } from '../../src/store/drizzle.ts'
import type { Composition } from '../../src/turn/compose.ts'
import { generate } from '../../src/turn/generate.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator, scriptedModel } from '../support/scripted-generator.ts'
import { type Run, startRun } from './harness.ts'

const gif = (name: string) => Buffer.from(`GIF89a ${name}`)
const shown = (prompt: Prompt) =>
  prompt.flatMap(({ text, images = [] }) => images.map(({ bytes }) => [text, Buffer.from(bytes).toString()]))

const composition: Composition = {
  allowed: true,
  prompt: [],
  prefill: '',
  model: 'scripted',
  estimatedTokens: 7,
  historyFrom: 0,
  recalled: { facts: [], messages: [] },
  recollections: [],
  made: {
    atMs: 0,
    model: scriptedModel,
    scale: 1,
    historyFrom: 0,
    position: 0,
    near: [],
    lore: {},
    digest: '',
  },
  voices: { self: 'Wren', others: [] },
  parts: [],
  leftOut: [],
  unread: undefined,
  options: {
    contextTokens: 1_000,
    replyTokens: 100,
    sampling: {},
    stop: [],
    stickiness: '',
    fairness: '',
    priority: 'person',
  },
}

describe('images on their way to the model', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0]!)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const runs: Run[] = []
  afterEach(async () => {
    for (const run of runs.splice(0)) await run[Symbol.asyncDispose]()
  })

  async function start(sees: boolean, script: (prompt: Prompt) => string = () => 'I see.') {
    const generator = scriptedGenerator(script, { info: { ...scriptedModel, sees } })
    const run = await startRun(opened, { generator })
    runs.push(run)
    const say = async (text: string, more: Partial<MessageEvent> = {}) => {
      await run.event({ ...run.message(text), ...more })
      await run.settled()
    }
    const send = (name: string, more: Partial<MessageEvent> = {}) =>
      say(`[an image: ${name}]`, {
        attachments: [{ kind: 'image', mediaType: 'image/png', bytes: gif(name) }],
        ...more,
      })
    return { run, say, send, prompts: generator.prompts }
  }

  it('are shown until they are answered, to a model that sees', async () => {
    const { say, send, prompts } = await start(true)
    await send('cat')
    await say('And what is its colour?')
    await send('dog', { unanswered: true })
    await say('What do you say of that?')
    expect(prompts.map(shown)).toEqual([
      [['[an image: cat]', 'GIF89a cat']],
      [],
      [['[an image: dog]', 'GIF89a dog']],
    ])
  })

  it('are words to a model that does not see', async () => {
    const { send, prompts } = await start(false)
    await send('cat')
    expect(shown(prompts[0]!)).toEqual([])
    expect(prompts[0]!.some(({ text }) => text === '[an image: cat]')).toBe(true)
  })

  it('are not kept where they only claim to be images', async () => {
    const kept = async () => await query(opened.database, sql`select kind from attachments`)
    const before = (await kept()).length
    const { send } = await start(false)
    await send('page', {
      attachments: [
        { kind: 'image', mediaType: 'image/png', bytes: Buffer.from('<svg onload="no">') },
        { kind: 'image', mediaType: 'text/html', bytes: gif('cat') },
      ],
    })
    expect((await kept()).length).toBe(before + 1)
  })

  it('are shown again for another answer', async () => {
    const { run, send, prompts } = await start(true)
    await send('cat')
    const { room, sender, at } = run.message('')
    await run.event({ kind: 'command', name: 'retry', room, sender, at })
    await run.settled()
    expect(prompts.map(shown)).toEqual([
      [['[an image: cat]', 'GIF89a cat']],
      [['[an image: cat]', 'GIF89a cat']],
    ])
  })

  it.each([
    modelError('refused', { code: 'refused' }),
    modelError('failed', { code: 'model-failed', retryable: true }),
  ])('become words where the model fails at them: $code', async (error: HearthError) => {
    const { run, send, prompts } = await start(true, (prompt) => {
      if (shown(prompt).length > 0) throw error
      return 'I cannot see it.'
    })
    await send('broken')
    expect(prompts.map((prompt) => shown(prompt).length)).toEqual([1, 0])
    expect(run.seen()).toEqual(['reply: I cannot see it.'])
  })

  it('are not blamed for a model that is away', async () => {
    const { run, prompts } = await start(true, () => {
      throw modelError('gone', { code: 'model-missing' })
    })
    await run.event({
      ...run.message('[an image]'),
      attachments: [{ kind: 'image', mediaType: 'image/gif', bytes: gif('cat') }],
    })
    await run.outcomes('failed')
    expect(prompts).toHaveLength(1)
  })

  it('teach nothing about the size of words', async () => {
    const learnt: unknown[][] = []
    const scale = {
      factor: () => 1,
      raise: () => undefined,
      learn: (...args: unknown[]) => void learnt.push(args),
    }
    const images = [{ mediaType: 'image/gif', bytes: gif('cat') }]
    const plain: Prompt = [{ role: 'user', text: 'Look' }]
    const generator = scriptedGenerator(() => 'I see.')
    const generating = new AbortController().signal
    for (const prompt of [plain, [{ ...plain[0]!, images }]]) {
      const delivery = { begun: false, grow: () => undefined }
      await generate({ ...composition, prompt }, { generator, scale }, delivery, { generating })
    }
    expect(learnt).toEqual([['scripted', 7, 0]])
  })
})
