import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { lastSaid, scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'

describe('engines that share a database', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('share the rooms, and answer each of 100 messages once', async () => {
    const answer = () => scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    const generators = [answer(), answer()] as const
    await using first = await startRun(opened, { generator: generators[0] })
    await using second = await startRun(opened, { generator: generators[1], beside: first })
    const rooms = Array.from({ length: 10 }, (_, index) => `room ${index}`)
    const expected = (room: string) =>
      Array.from({ length: 10 }, (_, index) => `reply: You said: ${room}, ${index}`)
    const asked = new Map<string, number>()
    const { letterbox } = first
    // Each person waits for the whole answer before they go on.
    letterbox.onChange(() => {
      for (const room of rooms) {
        const count = asked.get(room) ?? 0
        if (count === 10 || letterbox.visible(room).filter(({ final }) => final).length < count) continue
        asked.set(room, count + 1)
        letterbox.say(room, `${room}, ${count}`)
      }
    })
    await until(() => {
      for (const room of rooms) expect(first.seen(room)).toEqual(expected(room))
    })
    await until(() => expect(first.closed.length + second.closed.length).toBe(100))
    expect(letterbox.posted).toHaveLength(100)
    expect(letterbox.posted.every(({ final }) => final)).toBe(true)
    expect(generators[0].prompts.length + generators[1].prompts.length).toBe(100)
    expect(Math.min(...generators.map(({ prompts }) => prompts.length))).toBeGreaterThan(0)
  })

  it('tell each other of a stop and of a further message', async () => {
    const busy = handGenerator()
    await using first = await startRun(opened, { generator: busy })
    first.letterbox.say('home', 'one')
    const call = await busy.next()
    const doorway = {
      account: first.adapter.account.id,
      platform: 'matrix',
      persona: 'wren' as never,
    } as const
    await using elsewhere = await openStore(opened.database, opened.vault)
    await elsewhere.inbox.accept(doorway, first.message('two'), 0)
    const again = await busy.next()
    expect(call.signal.aborted).toBe(true)
    expect(talk(again.prompt)).toEqual(['user: one', 'user: two'])
    const { room, sender, at } = first.message('')
    await elsewhere.inbox.command(doorway, { kind: 'command', name: 'stop', room, sender, at })
    await first.outcomes('stopped')
    expect(again.signal.aborted).toBe(true)
  })

  it('hand a turn that shows nothing over when one of them shuts down, and finish what is shown', async () => {
    const silent = handGenerator()
    const first = await startRun(opened, { generator: silent })
    first.letterbox.say('thinking', 'one')
    first.letterbox.say('talking', 'two')
    const calls = [await silent.next(), await silent.next()]
    const talking = calls.find(({ prompt }) => talk(prompt)[0] === 'user: two')!
    talking.say('To be')
    await until(() => expect(first.seen('talking')).toEqual(['reply: To be']))
    await first.endServing()
    const ending = first.engine[Symbol.asyncDispose]()
    talking.say(' finished.')
    talking.end()
    await first.outcomes('replied')
    await ending
    expect(calls.every(({ signal, prompt }) => signal.aborted || prompt === talking.prompt)).toBe(true)
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    {
      await using second = await startRun(opened, { generator, beside: first })
      await second.outcomes('replied')
    }
    expect(first.seen('thinking')).toEqual(['reply: You said: one'])
    expect(first.seen('talking')).toEqual(['reply: To be finished.'])
    await first[Symbol.asyncDispose]()
  })
})
