import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { lastSaid, scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'
import { base, command, edit, long, redact, say, settled } from './person.ts'

describe('what changes after it was said', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('answers an edit of what it has answered in the same message, once', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    const older = await say(run, 'older')
    await settled(run)
    const last = await say(run, 'the tied')
    await settled(run)
    await edit(run, older, 'older, edited')
    await edit(run, last, 'the tide')
    await settled(run)
    expect(run.seen()).toEqual(['reply: You said: older', 'reply: You said: the tide'])
    expect(run.letterbox.posted).toHaveLength(2)
    expect(generator.prompts).toHaveLength(3)
    expect(talk(generator.prompts.at(-1)!)).toEqual([
      'user: older, edited',
      'assistant: You said: older',
      'user: the tide',
    ])
    await command(run, 'previous')
    await settled(run)
    expect(run.seen().at(-1)).toBe('reply: You said: the tied')
  })

  it('begins again in the same message when what it answers is edited while it is shown', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    const message = await say(run, 'the tied')
    const first = await generator.next()
    first.say('A tie, in')
    await until(() => expect(run.seen()).toEqual(['reply: A tie, in']))
    await edit(run, message, 'the tide')
    const second = await generator.next()
    expect(first.signal.aborted).toBe(true)
    expect(talk(second.prompt)).toEqual(['user: the tide'])
    second.say('High at noon.')
    second.end()
    await run.outcomes('replied')
    expect(run.letterbox.posted).toMatchObject([{ text: 'High at noon.', final: true, removed: false }])
  })

  it('takes down what it was writing when that is stopped after an edit, before there is another beginning', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    const message = await say(run, 'the tied')
    const first = await generator.next()
    first.say('A tie, in')
    await until(() => expect(run.seen()).toHaveLength(1))
    await edit(run, message, 'the tide')
    await generator.next()
    await command(run, 'stop')
    await until(() => expect(run.closed).toHaveLength(1))
    expect(run.seen()).toEqual([])
  })

  it('takes a reply down when all that it answers was redacted, shown or being shown', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    const one = await say(run, 'one')
    const call = await generator.next()
    call.say('To one')
    await until(() => expect(run.seen()).toHaveLength(1))
    await redact(run, one.externalId)
    await run.outcomes('withdrawn')
    expect(run.seen()).toEqual([])
    const two = await say(run, 'two')
    const answered = await generator.next()
    expect(talk(answered.prompt)).toEqual(['user: two'])
    answered.say('To two.')
    answered.end()
    await run.outcomes('withdrawn', 'replied')
    await redact(run, two.externalId)
    await run.outcomes('withdrawn', 'replied', 'withdrawn')
    expect(run.seen()).toEqual([])
  })

  it('forgets a reply of which a moderator has removed a part', async () => {
    const generator = scriptedGenerator((prompt) => long(lastSaid(prompt)))
    await using run = await startRun(opened, { generator, limits: { messageChars: 40 } })
    await say(run, 'one')
    await settled(run)
    await redact(run, 'p1')
    await settled(run)
    expect(run.letterbox.posted.map(({ removed }) => removed)).toEqual(
      run.letterbox.posted.map((_, index) => index !== 1),
    )
    await say(run, 'two')
    await settled(run)
    expect(talk(generator.prompts.at(-1)!)).toEqual(['user: one', 'user: two'])
  })

  it('answers nothing in a room that it has left, and says nothing more there', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    const call = await generator.next()
    await run.event({ ...base(run), kind: 'membership', change: 'left' })
    await until(() => expect(call.signal.aborted).toBe(true))
    await say(run, 'two')
    await settled(run)
    expect(run.letterbox.posted).toEqual([])
    await run.event({ ...base(run), kind: 'membership', change: 'joined' })
    await say(run, 'three')
    expect(talk((await generator.next()).prompt)).toEqual(['user: one', 'user: two', 'user: three'])
  })

  it('keeps what nobody is to answer for the next answer', async () => {
    const generator = scriptedGenerator(() => 'Hello.')
    await using run = await startRun(opened, { generator })
    await run.event({ ...run.message('long ago'), unanswered: true })
    await settled(run)
    expect(generator.prompts).toEqual([])
    await say(run, 'now')
    await settled(run)
    expect(generator.prompts.map(talk)).toEqual([['user: long ago', 'user: now']])
  })

  it('goes on in the room that a room was upgraded to', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    await settled(run)
    const { room } = run.message('')
    const moved = { ...room, externalId: externalId('new home'), replaces: room.externalId }
    await run.event({ ...run.message('two'), room: moved })
    await settled(run)
    expect(run.seen()).toEqual(['reply: You said: one'])
    expect(run.seen('new home')).toEqual(['reply: You said: two'])
    await run.event({ ...base(run), room: moved, kind: 'command', name: 'next' })
    await settled(run)
    expect(run.seen('new home')).toEqual(['reply: You said: two'])
    expect(talk(generator.prompts.at(-1)!)).toEqual(['user: one', 'assistant: You said: one', 'user: two'])
  })
})
