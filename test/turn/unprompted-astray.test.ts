import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { platformError } from '../../src/core/errors.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { type RunOptions, talk, until } from './harness.ts'
import { command, edit, say } from './person.ts'
import { after, ask, errand, finish, noon, startAtNoon, unprompted } from './unprompted-harness.ts'

describe('what a persona says first, where things do not go as planned', () => {
  let opened: OpenedStore
  // Somebody is told so much a day: each test has its own people.
  beforeEach(async () => {
    opened = await openTestStore(databases[1])
  })
  afterEach(() => opened?.[Symbol.asyncDispose]())

  const start = (options?: Partial<RunOptions>) => startAtNoon(opened, options)
  const later = (minutes: number) => new Date(noon.getTime() + minutes * 60_000)

  it('is said also beside one that cannot be begun', async () => {
    await using here = await start({
      store: (store) => ({
        ...store,
        knocks: {
          ...store.knocks,
          begin: (knock, ...rest) =>
            knock.content.text === 'call mum'
              ? Promise.reject(new Error('It cannot be begun.'))
              : store.knocks.begin(knock, ...rest),
        },
      }),
    })
    const { run, generator, plan } = here
    await plan(errand('call mum', after(-1)), errand('call dad', noon))
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('“call dad”')
    finish(call, 'Your dad.')
    await run.settled()
  })

  it('two requests in one message are asked about, and none is noted', async () => {
    await using here = await start()
    const { run, generator, waiting } = here
    await ask(run, 'Remind me at 17:00 to run. And remind me at 18:00 to eat.')
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It is not noted')
    finish(call, 'One at a time.')
    await run.settled()
    expect(await waiting()).toEqual([])
    expect(run.seen()[0]).toContain('One at a time, please')
  })

  it.each([
    ['leaves something open', 'Tomorrow at 7.'],
    ['is not understood', 'tomorrow between 3 and 4 pm'],
  ])('an answer that %s is asked about, and may be completed by the next', async (_name, first) => {
    await using here = await start()
    const { run, generator, waiting } = here
    for (const [index, text] of ['Remind me to run.', first].entries()) {
      await ask(run, text, later(index))
      const call = await generator.next()
      expect(call.prompt.at(-1)?.text).toContain('It is not noted')
      finish(call, 'When?')
      await run.settled()
    }
    await ask(run, 'Tomorrow in the evening.', later(2))
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It is noted')
    finish(call, 'Fine.')
    await run.settled()
    expect((await waiting()).map(({ content }) => content.at)).toEqual([after(31)])
  })

  it('is not noted anew where it was cancelled or switched off, and another reply is asked for', async () => {
    await using here = await start()
    const { run, generator, waiting } = here
    await ask(run, 'Remind me tomorrow at 18:00 to run.')
    finish(await generator.next(), 'I will.')
    await run.settled()
    for (const change of [['cancel 1'], ['off', 'on']]) {
      for (const text of change) await unprompted(run, text)
      await command(run, 'retry')
      const again = await generator.next()
      expect(again.prompt.at(-1)?.text).toContain('It is not noted')
      finish(again, 'Sure.')
      await run.settled()
      expect(await waiting()).toEqual([])
      expect(run.seen().join()).toContain('You have cancelled that.')
    }
    const asked = await ask(run, 'Remind me tomorrow at 19:00 to eat.')
    finish(await generator.next(), 'I will.')
    await run.settled()
    await unprompted(run, 'cancel 2')
    await edit(run, asked, 'Remind me tomorrow at 20:00 to eat.')
    finish(await generator.next(), 'I will.')
    await run.settled()
    expect((await waiting()).map(({ number }) => number)).toEqual([3])
  })

  it('is cancelled also while what was made waits for its platform', async () => {
    await using here = await madeWhileAway()
    const { run, clock } = here
    clock.now = after(20)
    await unprompted(run, 'cancel 1')
    await run.hurry()
    await run.outcomes('withdrawn')
    expect(run.seen()).toEqual(['notice: Dropped: 1.'])
  })

  /** A reminder for noon, made while the platform was away until two o'clock at night. */
  async function madeWhileAway() {
    const away = platformError('It is away.', { code: 'away', retryable: true })
    let isAway = true
    const here = await start({
      wrap: (adapter) => ({
        send: (...parts: Parameters<typeof adapter.send>) =>
          isAway ? Promise.reject(away) : adapter.send(...parts),
      }),
    })
    const { run, generator, clock, plan } = here
    await plan(errand('call mum', noon))
    finish(await generator.next(), 'Your mum.')
    await until(() => expect(run.failed.length).toBeGreaterThan(0))
    clock.now = after(14)
    isAway = false
    return here
  }

  it('what was made while the platform was away is not shown outside the hours, and holds up no answer', async () => {
    await using here = await madeWhileAway()
    const { run, generator, clock } = here
    await run.hurry()
    await here.looks()
    expect(run.seen()).toEqual([])
    await say(run, 'Are you awake?')
    finish(await generator.next(), 'I am.')
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: I am.'])
    clock.now = after(20)
    await run.hurry()
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: I am.', 'reply: Your mum.'])
  })

  it('what was made while the platform was away is not shown where it was switched off meanwhile', async () => {
    await using here = await madeWhileAway()
    const { run, generator, clock } = here
    clock.now = after(20)
    await unprompted(run, 'off')
    await run.hurry()
    await run.outcomes('withdrawn')
    await say(run, 'Good morning.')
    const call = await generator.next()
    expect(talk(call.prompt)).toEqual(['user: Good morning.'])
    finish(call, 'Ahoy.')
    await run.settled()
    expect(run.seen().filter((each) => each.startsWith('reply'))).toEqual(['reply: Ahoy.'])
  })
})
