import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelError } from '../../src/core/errors.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { lastSaid, scriptedGenerator, scriptedModel } from '../support/scripted-generator.ts'
import { startRun } from './harness.ts'

const postgres = databases[1]

/** A model of which a token holds so many characters, and which refuses what is longer than it takes. */
function strictModel(charactersAToken: number) {
  const info = { ...scriptedModel, contextTokens: 2_048 }
  let refusals = 0
  const generator = scriptedGenerator(
    (prompt) => {
      const tokens = prompt.reduce((sum, { text }) => sum + text.length / charactersAToken, 0)
      if (tokens + 512 > info.contextTokens) {
        refusals++
        throw modelError('the text is longer than it takes', { code: 'prompt-too-long' })
      }
      return `${lastSaid(prompt).slice(0, 9)} heard.`
    },
    { info },
  )
  return {
    generator,
    get refusals() {
      return refusals
    },
  }
}

describe('a model that counts more tokens than are estimated', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(postgres)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it.each([3.2, 2.6, 1, 0.5])('of %s characters answers every message, also after restarts', async (size) => {
    const model = strictModel(size)
    const { generator } = model
    let before = await startRun(opened, { generator })
    for (let n = 0; n < 24; n++) {
      if (n % 8 === 7) {
        const next = await startRun(opened, { generator, beside: before })
        await before.engine[Symbol.asyncDispose]()
        before = next
      }
      await before.event(before.message(`Message ${n % 10}. ${'And so on and so forth. '.repeat(14)}`))
      await before.settled()
      expect(before.seen().at(-1)).toBe(`reply: Message ${n % 10} heard.`)
    }
    expect(before.failed).toEqual([])
    expect(model.refusals).toBeGreaterThan(0)
    await before[Symbol.asyncDispose]()
  })

  it('refuses a message that is too long by its count, and answers the next', async () => {
    const { generator } = strictModel(1)
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'A long story. '.repeat(200))
    await run.outcomes('refused')
    expect(run.seen().at(-1)).toMatch(/^notice: That message is too long for me to read/)
    run.letterbox.say('home', 'In short?')
    await run.outcomes('refused', 'replied')
    expect(run.seen().at(-1)).toBe('reply: In short? heard.')
  })
})
