import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { lastSaid, scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'

describe('the engine', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('answers each message once, with one question to the model', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    run.letterbox.say('home', 'two')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: You said: one', 'reply: You said: two'])
    expect(run.letterbox.posted.every(({ final }) => final)).toBe(true)
    expect(generator.prompts.map(talk)).toEqual([
      ['user: one'],
      ['user: one', 'assistant: You said: one', 'user: two'],
    ])
    expect(generator.options[0]).toMatchObject({ contextTokens: 4_096, replyTokens: 200, priority: 'person' })
  })

  it('answers a burst together once the room is still', async () => {
    const generator = scriptedGenerator(() => 'To all of it.')
    await using run = await startRun(opened, { generator, limits: { bursts: true }, settleMs: 250 })
    for (const text of ['one', 'two', 'three']) run.letterbox.say('home', text)
    await run.outcomes('replied')
    expect(generator.prompts.map(talk)).toEqual([['user: one', 'user: two', 'user: three']])
    expect(run.seen()).toEqual(['reply: To all of it.'])
  })

  it('begins again with both when a message comes before anything was shown', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const first = await generator.next()
    run.letterbox.say('home', 'two')
    const second = await generator.next()
    expect(first.signal.aborted).toBe(true)
    expect(talk(second.prompt)).toEqual(['user: one', 'user: two'])
    second.say('To both.')
    second.end()
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: To both.'])
    expect(generator.calls.length).toBe(2)
  })

  it('finishes what is shown, and leaves a message that comes then to the next turn', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const first = await generator.next()
    first.say('To ')
    first.say('one')
    await until(() => expect(run.seen()).toEqual(['reply: To one']))
    await run.event(run.message('two'))
    expect(first.signal.aborted).toBe(false)
    first.say('.')
    first.end()
    const second = await generator.next()
    expect(talk(second.prompt)).toEqual(['user: one', 'assistant: To one.', 'user: two'])
    second.say('To two.')
    second.end()
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: To one.', 'reply: To two.'])
  })

  it('leaves no reply when it is stopped before anything was shown', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const first = await generator.next()
    run.letterbox.command('home', 'stop')
    await run.outcomes('stopped')
    expect(first.signal.aborted).toBe(true)
    expect(run.letterbox.posted).toEqual([])
    run.letterbox.say('home', 'two')
    const second = await generator.next()
    expect(talk(second.prompt)).toEqual(['user: one', 'user: two'])
    second.say('Here.')
    second.end()
    await run.outcomes('stopped', 'replied')
  })

  it('keeps what was shown when it is stopped while it streams', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'tell me')
    const call = await generator.next()
    call.say('Once upon a time')
    await until(() => expect(run.seen()).toEqual(['reply: Once upon a time']))
    run.letterbox.command('home', 'stop')
    await run.outcomes('stopped')
    expect(call.signal.aborted).toBe(true)
    expect(run.letterbox.visible('home')).toMatchObject([{ text: 'Once upon a time …', final: true }])
    run.letterbox.say('home', 'enough')
    const next = await generator.next()
    expect(talk(next.prompt)).toContain('assistant: Once upon a time …')
    next.end()
  })

  it('says so when there is nothing to stop or to retry', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.command('home', 'stop')
    await until(() => expect(run.seen()).toEqual(['notice: Nothing is being written.']))
    run.letterbox.command('home', 'retry')
    await until(() => expect(run.seen()).toHaveLength(2))
    run.letterbox.say('home', 'one')
    await generator.next()
    run.letterbox.command('home', 'retry')
    await until(() => expect(run.seen().at(-1)).toContain('I am still at it.'))
    run.letterbox.command('home', 'stop')
    await run.outcomes('stopped')
  })

  it('puts another swipe into the same message, and goes on with the chosen one alone', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied')
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied', 'replied')
    expect(run.letterbox.posted).toHaveLength(1)
    expect(run.seen()).toEqual(['reply: Swipe 3.'])
    run.letterbox.say('home', 'two')
    await run.outcomes('replied', 'replied', 'replied', 'replied')
    expect(talk(generator.prompts.at(-1)!)).toEqual(['user: one', 'assistant: Swipe 3.', 'user: two'])
    expect(generator.prompts.slice(0, 3).map(talk)).toEqual(Array(3).fill(['user: one']))
  })

  it('sends another swipe as a message of its own where nothing can be edited', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    await using run = await startRun(opened, { generator, limits: { canEdit: false } })
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Swipe 1.', 'reply: Swipe 2.'])
    expect(run.letterbox.edits).toBe(0)
  })

  it('shows a growing reply by edits', async () => {
    const generator = handGenerator()
    const shown: string[] = []
    await using run = await startRun(opened, { generator })
    run.letterbox.onChange(() => {
      const text = run.letterbox.posted[0]?.text
      if (text !== undefined && text !== shown.at(-1)) shown.push(text)
    })
    run.letterbox.say('home', 'tell me')
    const call = await generator.next()
    let text = ''
    for (const word of ['The', ' lamp', ' is', ' lit.']) {
      text += word
      call.say(word)
      await until(() => expect(run.letterbox.posted[0]).toMatchObject({ text, final: false }))
    }
    call.end()
    await run.outcomes('replied')
    expect(shown).toEqual(['The', 'The lamp', 'The lamp is', 'The lamp is lit.'])
    expect(run.letterbox.posted).toMatchObject([{ text: 'The lamp is lit.', final: true }])
  })

  it('edits no more often than the platform allows, and does not wait for the pace at the end', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, limits: { editPauseMs: () => 100_000 } })
    run.letterbox.say('home', 'tell me')
    const call = await generator.next()
    call.say('word')
    await until(() => expect(run.seen()).toEqual(['reply: word']))
    for (let count = 0; count < 50; count++) {
      call.say(' word')
      await new Promise((resolve) => setImmediate(resolve))
    }
    call.end()
    await run.outcomes('replied')
    expect(run.letterbox.edits).toBe(1)
    expect(run.seen()).toEqual([`reply: word${' word'.repeat(50)}`])
  })

  it('sends a reply once and whole where nothing can be edited', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, limits: { canEdit: false } })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    for (const word of ['To ', 'be ', 'sent ', 'whole.']) call.say(word)
    // A message that comes now still changes the turn, since nothing was shown.
    await run.event(run.message('two'))
    const again = await generator.next()
    expect(talk(again.prompt)).toEqual(['user: one', 'user: two'])
    again.say('To be sent whole.')
    again.end()
    await run.outcomes('replied')
    expect(run.letterbox.posted).toMatchObject([{ text: 'To be sent whole.', final: true }])
    expect(run.letterbox.edits).toBe(0)
  })

  it('greets in a new room without asking the model, and takes the next greeting at a retry', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    const { room, sender, at } = run.message('')
    const joined = { kind: 'membership', change: 'joined', room, sender, at } as const
    await run.event(joined)
    await run.event(joined)
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: The lamp is lit, you.'])
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Fog again.'])
    expect(generator.prompts).toEqual([])
    run.letterbox.say('home', 'hello')
    await run.outcomes('replied', 'replied', 'replied')
    expect(generator.prompts.map(talk)).toEqual([['assistant: Fog again.', 'user: hello']])
  })

  it('does not greet where the persona has nothing to say first', async () => {
    const generator = scriptedGenerator(() => 'Hello.')
    await using run = await startRun(opened, { generator, persona: { ...testPersona, greetings: [] } })
    const { room, sender, at } = run.message('')
    await run.event({ kind: 'membership', change: 'joined', room, sender, at })
    run.letterbox.say('home', 'hello')
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: Hello.'])
  })

  it('shows that it is writing while the model thinks, and not after', async () => {
    const generator = handGenerator()
    const typing: string[] = []
    await using run = await startRun(opened, {
      generator,
      wrap: (adapter) => ({
        async signalTyping(room, signal) {
          typing.push(room.externalId)
          // A courtesy that fails must not cost the reply.
          await adapter.signalTyping(room, signal)
          throw new Error('no typing here')
        },
      }),
    })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    await until(() => expect(typing).toEqual(['home']))
    call.say('Done.')
    call.end()
    await run.outcomes('replied')
    expect(typing).toEqual(['home'])
  })

  it('understands reactions as commands, and passes over all others', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    const { room, sender, at } = run.message('')
    const react = (emoji: string) =>
      run.event({ kind: 'reaction', room, sender, at, target: externalId('p0'), emoji })
    await react('🎉')
    await react('🔁')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Swipe 2.'])
  })

  it('answers nobody whose message was redacted in time', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    const event = run.message('regretted')
    await run.event(event)
    const call = await generator.next()
    const { room, sender, at } = event
    await run.event({ kind: 'redaction', room, sender, at, target: event.externalId })
    await run.outcomes('withdrawn')
    expect(call.signal.aborted).toBe(true)
    expect(run.letterbox.posted).toEqual([])
  })

  it('answers an edited message as it is now', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    const event = run.message('the tied')
    await run.event(event)
    await generator.next()
    const { room, sender, at } = event
    await run.event({
      kind: 'edit',
      room,
      sender,
      at,
      externalId: externalId(`${event.externalId} edited`),
      target: event.externalId,
      text: 'the tide\u001b[2J',
    })
    const call = await generator.next()
    expect(talk(call.prompt)).toEqual(['user: the tide[2J'])
    call.say('Yes.')
    call.end()
    await run.outcomes('replied')
  })
})
