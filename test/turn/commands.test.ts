import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { platformError } from '../../src/core/errors.ts'
import { commands } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { lastSaid, scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'
import { base, command, long, react, say, settled } from './person.ts'

describe('commands and changes after a reply', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('shows the chosen swipe in the same message, as often as it is chosen', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    await settled(run)
    await react(run, '▶', 'p0')
    await settled(run)
    expect(run.seen()).toEqual(['reply: Swipe 2.'])
    for (let round = 0; round < 3; round++) {
      await react(run, '◀\ufe0f', 'p0')
      await settled(run)
      expect(run.seen()).toEqual(['reply: Swipe 1.'])
      await react(run, '▶️', 'p0')
      await settled(run)
      expect(run.seen()).toEqual(['reply: Swipe 2.'])
    }
    expect(run.letterbox.posted).toMatchObject([{ final: true }])
    expect(generator.prompts).toHaveLength(2)
    await command(run, 'previous')
    await say(run, 'two')
    await settled(run)
    expect(talk(generator.prompts.at(-1)!)).toEqual(['user: one', 'assistant: Swipe 1.', 'user: two'])
  })

  it('goes from a long swipe to a short one and back, and leaves no message over', async () => {
    const swipes = [long('long'), 'Short.']
    const generator = scriptedGenerator((_, call) => swipes[call - 1]!)
    await using run = await startRun(opened, { generator, limits: { messageChars: 60 } })
    await say(run, 'one')
    await settled(run)
    const whole = run.seen()
    expect(whole.length).toBeGreaterThan(1)
    await command(run, 'next')
    await settled(run)
    expect(run.seen()).toEqual(['reply: Short.'])
    await command(run, 'previous')
    await settled(run)
    expect(run.seen()).toEqual(whole)
  })

  it('shows the chosen swipe again where nothing can be edited, and tells what cannot be removed', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    await using run = await startRun(opened, { generator, limits: { canEdit: false } })
    await say(run, 'one')
    await settled(run)
    for (const name of ['next', 'previous', 'next'] as const) {
      await command(run, name)
      await settled(run)
    }
    const shown = ['reply: Swipe 1.', 'reply: Swipe 2.', 'reply: Swipe 1.', 'reply: Swipe 2.']
    expect(run.seen()).toEqual(shown)
    await command(run, 'takeback')
    await settled(run)
    expect(run.seen()).toEqual([...shown, expect.stringContaining('notice: Taken back.')])
    await say(run, 'two')
    await settled(run)
    expect(talk(generator.prompts.at(-1)!)).toEqual(['user: one', 'user: two'])
  })

  it('removes a reply that is taken back, in all its parts, also an old one', async () => {
    const generator = scriptedGenerator((prompt) => long(lastSaid(prompt)))
    await using run = await startRun(opened, { generator, limits: { messageChars: 40 } })
    await say(run, 'one')
    await settled(run)
    const parts = run.seen().length
    expect(parts).toBeGreaterThan(1)
    await say(run, 'two')
    await settled(run)
    const second = run.seen().slice(parts)
    await react(run, '❌', 'p1')
    await settled(run)
    expect(run.seen()).toEqual(second)
    await react(run, '🔁', 'p0')
    await settled(run)
    expect(run.seen()).toEqual([...second, 'notice: Only my last answer can be changed.'])
    await say(run, 'three')
    await settled(run)
    expect(talk(generator.prompts.at(-1)!)).toEqual([
      'user: one',
      'user: two',
      `assistant: ${long('two')}`,
      'user: three',
    ])
  })

  it('ends a reply that is taken back while it is being written', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    const call = await generator.next()
    call.say('Something that I')
    await until(() => expect(run.seen()).toHaveLength(1))
    // The message stands there a moment before its id is written down.
    await until(async () => {
      const turn = sql`(select id from turns where state = 'running')`
      const known = sql`select 1 from deliveries where lookup is not null and turn_id in ${turn}`
      expect(await query(opened.database, known)).toHaveLength(1)
    })
    await react(run, '❌', 'p0')
    await run.outcomes('withdrawn')
    expect(call.signal.aborted).toBe(true)
    expect(run.seen()).toEqual([])
    expect(generator.calls).toHaveLength(1)
  })

  it('carries a reaction out once, and passes over what is put on other messages or by strangers', async () => {
    const generator = scriptedGenerator((_, call) => `Swipe ${call}.`)
    await using run = await startRun(opened, { generator })
    const message = await say(run, 'one')
    await settled(run)
    for (let times = 0; times < 3; times++) {
      await react(run, '🔁', 'p0', 'the same')
      await settled(run)
    }
    expect(run.seen()).toEqual(['reply: Swipe 2.'])
    await react(run, '❌', message.externalId)
    const stranger = { externalId: externalId('mallory'), displayName: 'Mallory' }
    await run.event({
      ...base(run),
      sender: stranger,
      kind: 'reaction',
      emoji: '❌',
      target: externalId('p0'),
    })
    await settled(run)
    expect(run.seen()).toEqual(['reply: Swipe 2.'])
  })

  it('tells the outcome of a command that comes again once', async () => {
    const generator = scriptedGenerator(() => 'Hello.')
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    await settled(run)
    for (let times = 0; times < 3; times++) {
      await command(run, 'quiet', 'shh')
      await command(run, 'whoami', 'who')
    }
    await say(run, 'two')
    await settled(run)
    expect(run.seen()).toEqual([
      'reply: Hello.',
      expect.stringContaining('notice: I am quiet here from now on'),
      'notice: You are Ada, known on matrix as ada.',
    ])
    await command(run, 'quiet', 'speak')
    await say(run, 'three')
    await settled(run)
    expect(run.seen().slice(3)).toEqual(['notice: I answer here again.', 'reply: Hello.'])
    expect(talk(generator.prompts.at(-1)!)).toEqual([
      'user: one',
      'assistant: Hello.',
      'user: two',
      'user: three',
    ])
  })

  it('remembers a thing once, also where its answer could not be sent at first', async () => {
    let away = true
    await using run = await startRun(opened, {
      generator: scriptedGenerator(() => 'Yes.'),
      wrap: ({ send }) => ({
        async send(room, content, ...rest) {
          if (away && content.kind === 'notice')
            throw platformError('Away.', { code: 'away', retryable: true })
          return await send(room, content, ...rest)
        },
      }),
    })
    await say(run, 'one')
    await settled(run)
    const ask = (text: string, id: string) =>
      run.event({ ...base(run), kind: 'command', name: 'memory', text, externalId: externalId(id) })
    const remember = () => ask('remember I am allergic to nuts', 'to be remembered')
    await expect(remember()).rejects.toThrow('Away.')
    await expect(remember()).rejects.toThrow('Away.')
    away = false
    await remember()
    await ask('list', 'to be listed')
    const [, told, list] = run.seen()
    expect(told).toBe('notice: I remember that, as number 1.')
    expect(list?.match(/allergic/g)).toHaveLength(1)
  })

  it('tells all of what is longer than a message, in several', async () => {
    const generator = scriptedGenerator(() => 'Yes.')
    await using run = await startRun(opened, { generator, limits: { messageChars: 80 } })
    await command(run, 'help', 'a long one')
    await command(run, 'help', 'a long one')
    const told = run.seen().map((each) => each.replace('notice: ', ''))
    expect(told.length).toBeGreaterThan(3)
    for (const { summary } of commands) expect(told.join(' ').replaceAll('\n', ' ')).toContain(summary)
    expect(new Set(told).size).toBe(told.length)
  })

  it('says who speaks, that it is an AI and by which model, also while that is away', async () => {
    const generator = scriptedGenerator(() => 'Hello.')
    let away = false
    await using run = await startRun(opened, {
      generator: {
        ...generator,
        async info(name, signal) {
          if (away) throw new Error('away')
          return await generator.info(name, signal)
        },
      },
      limits: { operator: true },
    })
    await command(run, 'persona')
    expect(run.seen()).toEqual([
      'notice: Wren speaks here. Wren is an AI, and no human. Its words are written by the model scripted.',
    ])
    away = true
    await command(run, 'persona')
    expect(run.seen().at(-1)).toContain('does not answer just now')
    await command(run, 'whoami')
    expect(run.seen().at(-1)).toContain('You run this Hearth.')
    await command(run, 'help')
    for (const name of ['previous (◀️)', 'takeback (❌)', 'quiet:', 'persona:', 'whoami:'])
      expect(run.seen().at(-1)).toContain(name)
  })

  it('takes down again what was taken down by a worker that died over it', async () => {
    const generator = scriptedGenerator(() => 'Regrettable.')
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    await settled(run)
    await run.endServing()
    await opened.store.inbox.command(
      { account: run.adapter.account.id, platform: 'matrix', persona: testPersona.id },
      { ...base(run), kind: 'command', name: 'takeback' },
    )
    const turn = await run.dead.claim()
    await run.dead.bury(turn)
    await using second = await startRun(opened, { generator, beside: run })
    await second.outcomes('withdrawn')
    expect(second.seen()).toEqual([])
    await say(second, 'two')
    await settled(second)
    expect(second.seen()).toEqual(['reply: Regrettable.'])
  })
})
