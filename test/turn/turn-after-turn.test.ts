import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelError } from '../../src/core/errors.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'

const brokeOff = () => modelError('The model broke off.', { code: 'model-broke-off', retryable: true })

describe('one try, swipe or turn after another', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('shows three beginnings of a reply at most, all in one message, and gives up then', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const next = async (number: number) => {
      await until(async () => {
        await run.hurry()
        expect(generator.calls).toHaveLength(number)
      })
      return await generator.next()
    }
    // What showed nothing does not count.
    for (const number of [1, 2]) {
      const away = await next(number)
      away.fail(brokeOff())
      await until(() => expect(run.failed).toHaveLength(number))
    }
    for (const tried of [1, 2, 3]) {
      const call = await next(tried + 2)
      call.say(`Beginning ${tried}`)
      await until(() => expect(run.seen()).toContain(`reply: Beginning ${tried}`))
      call.fail(brokeOff())
      await until(() => expect(run.failed).toHaveLength(tried + 2))
    }
    await run.outcomes('failed')
    expect(run.seen()).toEqual([
      expect.stringContaining('notice: I cannot answer just now.'),
      'reply: Beginning 3',
      expect.stringContaining('notice: I could not answer that'),
    ])
    expect(generator.calls).toHaveLength(5)
  })

  it('takes a retry that comes before the turn of the shown reply is closed', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    let retries = 0
    await using run = await startRun(opened, {
      generator,
      store: (store) => ({
        ...store,
        inbox: {
          ...store.inbox,
          async command(...args) {
            const outcome = await store.inbox.command(...args)
            if (++retries === 3) ask()
            return outcome
          },
        },
        queue: {
          ...store.queue,
          async close(...args) {
            await asked
            return await store.queue.close(...args)
          },
        },
      }),
    })
    run.letterbox.say('home', 'one')
    await until(() => expect(run.seen()).toEqual(['reply: Swipe 1.']))
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Swipe 2.'])
  })

  it('says that it is still at it when the shown reply does not come to its end for long', async () => {
    const { promise: end, resolve: letEnd } = Promise.withResolvers<void>()
    await using run = await startRun(opened, {
      generator: scriptedGenerator(() => 'One.'),
      store: (store) => ({
        ...store,
        queue: {
          ...store.queue,
          async close(...args) {
            await end
            return await store.queue.close(...args)
          },
        },
      }),
    })
    run.letterbox.say('home', 'one')
    await until(() => expect(run.seen()).toEqual(['reply: One.']))
    run.letterbox.command('home', 'retry')
    await until(() => expect(run.seen().at(-1)).toMatch(/^notice: I am still at it/))
    letEnd()
    await run.outcomes('replied')
  })

  it('does not answer what an earlier turn left unanswered when the later message is redacted', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'stopped')
    await generator.next()
    run.letterbox.command('home', 'stop')
    await run.outcomes('stopped')
    const event = run.message('regretted')
    await run.event(event)
    const call = await generator.next()
    expect(talk(call.prompt)).toEqual(['user: stopped', 'user: regretted'])
    const { room, sender, at } = event
    await run.event({ kind: 'redaction', room, sender, at, target: event.externalId })
    await run.outcomes('stopped', 'withdrawn')
    expect(generator.calls).toHaveLength(2)
    expect(run.seen()).toEqual([])
  })

  it('serves one by one: an event resolves with its answer, also when that needs another try', async () => {
    const generator = scriptedGenerator((_, call) => {
      if (call === 1) throw brokeOff()
      return `Answer ${call}.`
    })
    await using run = await startRun(opened, { generator, later: true })
    const shown: string[] = []
    const serving = run.engine.serve(
      {
        ...run.adapter,
        limits: { ...run.adapter.limits, canEdit: false },
        async start(onEvent) {
          await onEvent(run.message('one', 'pipe'))
          shown.push(...run.seen('pipe'))
          await onEvent(run.message('two', 'pipe'))
          shown.push(...run.seen('pipe').slice(shown.length))
        },
      },
      testPersona.id,
      { oneByOne: true },
      new AbortController().signal,
    )
    await until(() => expect(run.failed).toHaveLength(1))
    await serving
    expect(shown).toEqual([
      expect.stringContaining('notice: I cannot answer just now.'),
      'reply: Answer 2.',
      'reply: Answer 3.',
    ])
  })
})
