import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Persona } from '../../src/core/persona.ts'
import { typingMs } from '../../src/turn/human-pace.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'
import { command, say } from './person.ts'

describe('the manners of a persona', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const mannered = (manners: Persona['manners']): Persona => ({ ...testPersona, manners })
  /** From the hour before now to the one after the next. */
  function aroundNow(): string {
    const hour = new Date().getHours()
    const two = (number: number) => String((number + 24) % 24).padStart(2, '0')
    return `${two(hour - 1)}:00-${two(hour + 2)}:00`
  }

  it('in quiet hours nothing is answered, which is said once, and all of it when they end', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, persona: mannered({ quietHours: aroundNow() }) })
    await say(run, 'one')
    await until(() => expect(run.seen()).toHaveLength(1))
    await say(run, 'two')
    await run.hurry()
    await say(run, 'three')
    await run.hurry()
    run.personas.set(testPersona.id, mannered({}))
    await until(async () => {
      await run.hurry()
      expect(generator.calls).toHaveLength(1)
    })
    const call = await generator.next()
    expect(talk(call.prompt)).toEqual(['user: one', 'user: two', 'user: three'])
    call.say('Good morning.')
    call.end()
    await run.outcomes('replied')
    const hour = String((new Date().getHours() + 2) % 24).padStart(2, '0')
    expect(run.seen()).toEqual([
      expect.stringMatching(
        new RegExp(`^notice: I am resting until (${hour}|\\d\\d):00\\. What you write is kept`),
      ),
      'reply: Good morning.',
    ])
  })

  it('in quiet hours whoever asks for another answer gets one, and a stop ends what waits', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    const first = await generator.next()
    first.say('Yes.')
    first.end()
    await run.outcomes('replied')
    run.personas.set(testPersona.id, mannered({ quietHours: aroundNow() }))
    await command(run, 'retry')
    const second = await generator.next()
    second.say('Well, yes.')
    second.end()
    await run.outcomes('replied', 'replied')
    await say(run, 'two')
    await until(() => expect(run.seen()).toHaveLength(2))
    await command(run, 'stop')
    await run.outcomes('replied', 'replied', 'stopped')
    expect(generator.calls).toHaveLength(2)
  })

  it('in quiet hours whoever says retry is answered at once: what waits, and what came to nothing before', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, persona: mannered({ quietHours: aroundNow() }) })
    await say(run, 'one')
    await until(() => expect(run.seen()).toHaveLength(1))
    await say(run, 'two')
    await run.hurry()
    await command(run, 'retry')
    const call = await generator.next()
    expect(talk(call.prompt)).toEqual(['user: one', 'user: two'])
    await command(run, 'stop')
    await run.outcomes('stopped')
    await command(run, 'retry')
    const again = await generator.next()
    expect(talk(again.prompt)).toEqual(['user: one', 'user: two'])
    again.say('Hm?')
    again.end()
    await run.outcomes('stopped', 'replied')
    expect(run.seen()).toEqual([expect.stringContaining('or at once if you say retry'), 'reply: Hm?'])
  })

  it('in quiet hours whatever comes one by one, as from a pipe, is answered: nothing else would be heard', async () => {
    const generator = scriptedGenerator(() => 'Heard.')
    const persona = mannered({ quietHours: aroundNow() })
    await using run = await startRun(opened, { generator, persona, oneByOne: true })
    await run.event(run.message('one'))
    expect(run.seen()).toEqual(['reply: Heard.'])
  })

  it('typed like by somebody, a reply comes whole, and what is said meanwhile is heard', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, {
      generator,
      persona: mannered({ typing: 'human' }),
      limits: { canEdit: true, graceMs: 0, editPauseMs: () => 1 },
    })
    await say(run, 'one')
    const first = await generator.next()
    first.say('A very long reply. '.repeat(20))
    first.end()
    await say(run, 'two')
    const second = await generator.next()
    expect(talk(second.prompt)).toEqual(['user: one', 'user: two'])
    second.say('Yes')
    second.say('.')
    second.end()
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: Yes.'])
    expect(run.letterbox.posted).toMatchObject([{ final: true }])
  })

  it('typing takes longer for more, within a bound', () => {
    expect([0, 10, 100, 1_000_000].map(typingMs)).toEqual([0, 1_000, 10_000, 20_000])
  })

  it("a reply ends before what the persona's own settings say, and takes its settings along", async () => {
    const generator = handGenerator()
    const model = { sampling: { topK: 30 }, stop: ['<END>'] }
    await using run = await startRun(opened, { generator, persona: { ...testPersona, model } })
    await say(run, 'one')
    const call = await generator.next()
    expect(call.options).toMatchObject({ sampling: { topK: 30 }, stop: ['<END>', '\nAda:'] })
    call.say('Yes.')
    call.end()
    await run.outcomes('replied')
  })
})
