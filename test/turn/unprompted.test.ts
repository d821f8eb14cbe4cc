import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { modelError, platformError } from '../../src/core/errors.ts'
import type { NewKnock } from '../../src/core/knock.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { type RunOptions, startRun, talk, until } from './harness.ts'
import { base, command, edit, redact, say } from './person.ts'
import { after, ask, errand, finish, noon, startAtNoon, unprompted } from './unprompted-harness.ts'

describe('what a persona says first', () => {
  let opened: OpenedStore
  // Somebody is told so much a day: each test has its own people.
  beforeEach(async () => {
    opened = await openTestStore(databases[1])
  })
  afterEach(() => opened?.[Symbol.asyncDispose]())

  const morning = (at: Date): NewKnock => ({
    kind: 'morning',
    dueAt: at,
    content: { text: '07:30', at, language: 'en' },
  })
  const start = (options?: Partial<RunOptions>) => startAtNoon(opened, options)

  it('is said when it is due, in its own words, once, and stands in the history', async () => {
    await using here = await start()
    const { run, generator, clock, plan, waiting } = here
    await say(run, 'Hello.')
    finish(await generator.next(), 'Hello, Ada.')
    await run.outcomes('replied')
    await plan(errand('call mum', after(2)))
    clock.now = after(2)
    const call = await generator.next()
    const word = call.prompt.at(-1)
    expect(word).toMatchObject({ role: 'system' })
    expect(word?.text).toContain('Wednesday, 4 March 2026 at 14:00, in these words')
    expect(word?.text).toContain('“call mum”')
    expect(word?.text).not.toContain('late')
    finish(call, 'Your mum, Ada.')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Hello, Ada.', 'reply: Your mum, Ada.'])
    expect(await waiting()).toEqual([])
    await say(run, 'Thanks.')
    const answer = await generator.next()
    expect(talk(answer.prompt).slice(-2)).toEqual(['assistant: Your mum, Ada.', 'user: Thanks.'])
    finish(answer, 'Ahoy.')
    await run.settled()
  })

  it('is made anew where another answer is asked for, and the operator sees with what', async () => {
    await using here = await start({ isOperator: () => true })
    const { run, generator, plan } = here
    await say(run, 'Hello.')
    finish(await generator.next(), 'Hello, Ada.')
    await run.outcomes('replied')
    await plan(errand('call mum', noon))
    finish(await generator.next(), 'Your mum.')
    await run.outcomes('replied', 'replied')
    await command(run, 'retry')
    const again = await generator.next()
    expect(again.prompt.at(-1)?.text).toContain('“call mum”')
    finish(again, 'Do call your mum.')
    await run.outcomes('replied', 'replied', 'replied')
    expect(run.seen()).toEqual(['reply: Hello, Ada.', 'reply: Do call your mum.'])
    await command(run, 'prompt')
    expect(run.seen().at(-1)).toContain('exactly what the model was given')
    expect(run.seen().at(-1)).toContain('“call mum”')
  })

  it('says of a reminder that it comes late, and leaves out a good morning and a question that do', async () => {
    await using here = await start()
    const { run, generator, clock, plan, waiting } = here
    const followUp = {
      kind: 'follow-up',
      dueAt: after(1),
      content: errand('an exam', after(1)).content,
    } as const
    await plan(errand('call mum', after(2)), morning(after(20)), followUp)
    clock.now = after(48)
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It comes late')
    finish(call, 'Late, but: your mum.')
    await run.outcomes('replied')
    await here.looks()
    expect(generator.calls).toHaveLength(1)
    expect((await waiting()).map(({ kind, dueAt }) => [kind, dueAt])).toEqual([['morning', after(67.5)]])
  })

  it('a good morning that was left out comes the next day, also where that day was full', async () => {
    await using here = await start()
    const { run, generator, clock, plan, place, waiting } = here
    await opened.store.book.setTerms(await place(), { zone: 'Europe/Vienna', hours: '07:00-22:00', most: 1 })
    const comes = (hours: number) =>
      until(async () =>
        expect((await waiting()).map(({ dueAt, content }) => [dueAt, content.at])).toEqual([
          [after(hours), after(hours)],
        ]),
      )
    await plan(morning(after(-4.5)))
    await comes(19.5)
    clock.now = after(19)
    await plan(errand('call mum', after(19)))
    finish(await generator.next(), 'Your mum.')
    await run.settled()
    clock.now = after(19.5)
    await comes(43.5)
    clock.now = after(43.5)
    finish(await generator.next(), 'Good morning, Ada.')
    await run.settled()
    expect(run.seen()).toEqual(['reply: Your mum.', 'reply: Good morning, Ada.'])
  })

  it('waits for the hours of the person, and for the quiet ones of the persona', async () => {
    // By the clock of this machine.
    const two = (hour: number) => `${String((hour + 24) % 24).padStart(2, '0')}:00`
    const quietHours = `${two(after(24).getHours() - 3)}-${two(after(24).getHours() + 1)}`
    await using here = await start({ persona: { ...testPersona, manners: { quietHours } } })
    const { generator, clock, plan, place, waiting } = here
    await opened.store.book.setTerms(await place(), { zone: 'Europe/Vienna', hours: '10:00-21:00', most: 5 })
    await plan(errand('call mum', after(10)))
    clock.now = after(10)
    await until(async () => expect((await waiting())[0]?.dueAt).toEqual(after(25)))
    expect(generator.calls).toHaveLength(0)
    clock.now = after(25)
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It comes late')
  })

  it('is so much a day: what is too much of it is said the next day, when it was promised', async () => {
    await using here = await start()
    const { run, generator, clock, plan, place, waiting } = here
    await opened.store.book.setTerms(await place(), { zone: 'Europe/Vienna', hours: '08:00-22:00', most: 1 })
    await plan(errand('one', after(1)), errand('two', after(2)), morning(after(1)))
    clock.now = after(2)
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('“one”')
    finish(call, 'One.')
    await run.outcomes('replied')
    await until(async () =>
      expect((await waiting()).map(({ kind, dueAt }) => [kind, dueAt])).toEqual([
        ['morning', after(19.5)],
        ['errand', after(20)],
      ]),
    )
    expect(generator.calls).toHaveLength(1)
  })

  it('a reminder is said plainly where no model finds words, and a good morning is not', async () => {
    await using here = await start()
    const { run, generator, plan } = here
    await plan(errand('call mum', after(-1)), morning(after(-1)))
    const broken = modelError('It is away.', { code: 'away', retryable: false })
    for (let tries = 0; tries < 4; tries++) {
      const call = await generator.next()
      call.fail(broken)
      await until(() => expect(run.failed.length).toBeGreaterThan(tries))
      await run.hurry()
    }
    await until(async () => {
      await run.hurry()
      expect(run.closed).toHaveLength(2)
    })
    expect(run.closed.map(({ outcome }) => outcome).toSorted()).toEqual(['replied', 'withdrawn'])
    expect(run.seen()).toEqual([
      expect.stringMatching(
        /^reply: You asked me to remind you: call mum\n\(This comes late\. It was for Wednesday/,
      ),
    ])
  })

  it('is not said any more where it was switched off while it waited for a model', async () => {
    await using here = await start()
    const { run, generator, plan } = here
    await plan(errand('call mum', noon))
    const call = await generator.next()
    call.fail(modelError('It is away.', { code: 'away', retryable: true }))
    await until(() => expect(run.failed).toHaveLength(1))
    await unprompted(run, 'off')
    await run.hurry()
    await run.settled()
    expect(generator.calls).toHaveLength(1)
    expect(run.seen()).toEqual([expect.stringContaining('do not write to you first')])
  })

  it('what is said meanwhile has an answer of its own', async () => {
    await using here = await start()
    const { run, generator, plan } = here
    await plan(errand('call mum', noon))
    const first = await generator.next()
    await say(run, 'Hello?')
    finish(first, 'Your mum.')
    const second = await generator.next()
    expect(talk(second.prompt).slice(-2)).toEqual(['assistant: Your mum.', 'user: Hello?'])
    finish(second, 'Hello, Ada.')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Your mum.', 'reply: Hello, Ada.'])
  })

  it('is said once where two processes look, and where one died over it', async () => {
    const generator = scriptedGenerator(() => 'As you asked.')
    await using here = await start({ generator, later: true })
    const { run, plan, clock } = here
    await using beside = await startRun(opened, { generator, beside: run, now: () => clock.now, later: true })
    await plan(errand('one', noon), errand('two', noon), errand('three', noon))
    const [first] = await opened.store.knocks.due([run.adapter.account.id], [testPersona.id], noon, 1)
    const day = { from: after(-12), to: after(12) }
    expect(await opened.store.knocks.begin(first!, noon, day)).toBe('begun')
    await run.dead.bury(await run.dead.claim())
    run.serve()
    beside.serve()
    await until(() => expect(run.closed.length + beside.closed.length).toBe(3))
    await here.looks()
    expect(run.seen()).toEqual(Array.from({ length: 3 }, () => 'reply: As you asked.'))
    expect(generator.prompts).toHaveLength(3)
  })

  it('is not tried again where the platform refuses it for good: it is switched off there', async () => {
    const refused = platformError('The person has blocked the bot.', { code: 'blocked' })
    await using here = await start({ wrap: () => ({ send: () => Promise.reject(refused) }) })
    const { run, generator, plan, place, waiting } = here
    await plan(errand('call mum', noon), errand('call dad', after(5)))
    finish(await generator.next(), 'Your mum.')
    await run.outcomes('failed')
    expect((await place()).on).toBe(false)
    expect(await waiting()).toEqual([])
  })

  it('goes with the words that asked for it, and what was said of it when they are forgotten', async () => {
    await using here = await start()
    const { run, generator, clock, waiting } = here
    const asked = await ask(run, 'Remind me in two hours to call mum.')
    finish(await generator.next(), 'I will.')
    await run.outcomes('replied')
    expect(await waiting()).toHaveLength(1)
    await edit(run, asked, 'Remind me in three hours to call dad.')
    finish(await generator.next(), 'I will.')
    await run.settled()
    expect((await waiting()).map(({ content }) => content)).toEqual([
      { text: 'call dad', at: after(3), language: 'en' },
    ])
    clock.now = after(3)
    finish(await generator.next(), 'Your dad.')
    await run.settled()
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'forget dad' })
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'forget yes' })
    await say(run, 'Hello?')
    const last = await generator.next()
    expect(talk(last.prompt)).toEqual(['user: Hello?'])
    finish(last, 'Hello.')
    await run.settled()
    const again = await ask(run, 'Remind me in two hours to call mum.')
    finish(await generator.next(), 'I will.')
    await run.settled()
    await redact(run, again.externalId)
    expect(await waiting()).toEqual([])
  })

  it('is asked for in words: the person is told for when, and the model that it is noted', async () => {
    await using here = await start()
    const { run, generator, waiting } = here
    await ask(run, 'Remind me tomorrow after work to call mum.')
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It is noted')
    await say(run, 'Thanks!')
    const again = await generator.next()
    finish(again, 'I will.')
    await run.settled()
    expect(run.seen()).toEqual([
      'notice: Noted as number 1: I remind you on Thursday, 5 March 2026 at 18:00 (Europe/Vienna). unprompted cancel 1 takes it away.',
      'reply: I will.',
    ])
    expect((await waiting()).map(({ content }) => content.text)).toEqual(['call mum'])
  })

  it('asks when it is not clear for when, and takes the answer', async () => {
    await using here = await start()
    const { run, generator, waiting } = here
    await ask(run, 'Can you remind me tomorrow at 7 to run?')
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It is not noted')
    finish(call, 'In the morning, or in the evening?')
    await run.settled()
    await ask(run, 'In the evening, please.', new Date(noon.getTime() + 60_000))
    finish(await generator.next(), 'I will.')
    await run.settled()
    expect(run.seen()).toEqual([
      'notice: At which hour? Say it as the clock shows it, as in: 09:00, or 21:00.',
      'reply: In the morning, or in the evening?',
      expect.stringContaining('Thursday, 5 March 2026 at 19:00'),
      'reply: I will.',
    ])
    expect((await waiting()).map(({ content }) => content.text)).toEqual(['run'])
  })

  it('is noted for another time where the answer is changed', async () => {
    await using here = await start()
    const { run, generator, waiting } = here
    await ask(run, 'Remind me to run.')
    finish(await generator.next(), 'When?')
    await run.settled()
    const answer = await ask(run, 'tomorrow at 18:00', new Date(noon.getTime() + 60_000))
    finish(await generator.next(), 'I will.')
    await run.settled()
    await edit(run, answer, 'tomorrow at 19:00')
    finish(await generator.next(), 'I will.')
    await run.settled()
    expect((await waiting()).map(({ number, dueAt, content }) => [number, dueAt, content.at])).toEqual([
      [1, after(31), after(31)],
    ])
    expect(run.seen().at(-1)).toContain('Thursday, 5 March 2026 at 19:00')
  })

  it('what is said in two messages at once is one request', async () => {
    await using here = await start()
    const { run, generator, waiting } = here
    await ask(run, 'Hello.')
    await generator.next()
    await ask(run, 'Remind me to run.')
    await ask(run, 'Tomorrow at 18:00.', new Date(noon.getTime() + 1_000))
    await until(() => expect(generator.calls.at(-1)?.prompt.at(-1)?.text).toContain('It is noted'))
    expect((await waiting()).map(({ content }) => content.at)).toEqual([after(30)])
  })

  it('is not noted for a day on which as much was said as may be', async () => {
    await using here = await start()
    const { run, generator, plan, place, waiting } = here
    await opened.store.book.setTerms(await place(), { zone: 'Europe/Vienna', hours: '08:00-22:00', most: 1 })
    await plan(errand('call mum', noon))
    finish(await generator.next(), 'Your mum.')
    await run.settled()
    await ask(run, 'Remind me in two hours to run.')
    const call = await generator.next()
    expect(call.prompt.at(-1)?.text).toContain('It is not noted')
    finish(call, 'Not today.')
    await run.settled()
    expect(run.seen().at(1)).toContain('That day is full')
    expect(await waiting()).toEqual([])
  })

  it('is off until the person switches it on, also in words', async () => {
    await using here = await start()
    const { run, generator, place, waiting } = here
    await unprompted(run, 'off')
    await ask(run, 'Remind me tomorrow to run.')
    finish(await generator.next(), 'I cannot.')
    await run.settled()
    expect(run.seen().slice(1)).toEqual([
      'notice: I write to you first only where you have switched that on: say unprompted on, and then ask me again.',
      'reply: I cannot.',
    ])
    await unprompted(run, 'on')
    expect((await place()).on).toBe(true)
    expect(run.seen().at(-1)).toContain('I may write to you first here: reminders.')
    expect(await waiting()).toEqual([])
  })
})
