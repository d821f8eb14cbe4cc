import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { platformError } from '../../src/core/errors.ts'
import { type OpenedStore, openTestStore, reply } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, type Run, startRun, until } from './harness.ts'

const away = () =>
  platformError('The letterbox does not answer.', { code: 'letterbox-away', retryable: true })
const sentence = (word: string, count: number) => Array(count).fill(`${word} word.`).join(' ')

describe('delivery', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('splits a long reply, and lets the earlier parts stand while it goes on', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, limits: { messageChars: 80 } })
    run.letterbox.say('home', 'tell me')
    const call = await generator.next()
    call.say(sentence('one', 12))
    await until(() => expect(run.seen()).toHaveLength(2))
    const [first] = run.seen()
    call.say(` ${sentence('two', 12)}`)
    await until(() => expect(run.seen().length).toBeGreaterThan(2))
    expect(run.seen()[0]).toBe(first)
    call.end()
    await run.outcomes('replied')
    const parts = run.letterbox.visible('home')
    expect(parts.every(({ text, final }) => final && text.length <= 80)).toBe(true)
    expect(parts.map(({ text }) => text).join(' ')).toBe(`${sentence('one', 12)} ${sentence('two', 12)}`)
    expect(parts[0]!.text).toBe(first!.slice('reply: '.length))
  })

  it('closes a code block at the end of a part and opens it again in the next', async () => {
    const code = Array.from({ length: 12 }, (_, index) => `line ${index}`).join('\n')
    const generator = scriptedGenerator(() => `\`\`\`js\n${code}\n\`\`\``)
    await using run = await startRun(opened, { generator, limits: { messageChars: 60 } })
    run.letterbox.say('home', 'code')
    await run.outcomes('replied')
    const parts = run.letterbox.visible('home').map(({ text }) => text)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.every((part) => part.startsWith('```js\n') && part.endsWith('\n```'))).toBe(true)
  })

  it('takes the messages back that a shorter swipe does not need, and sends new ones for a longer', async () => {
    const long = sentence('long', 12)
    const swipes = [long, 'Short.', long]
    const generator = scriptedGenerator((_, call) => swipes[call - 1]!)
    await using run = await startRun(opened, { generator, limits: { messageChars: 60 } })
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    const count = run.seen().length
    expect(count).toBeGreaterThan(2)
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied')
    expect(run.seen()).toEqual(['reply: Short.'])
    run.letterbox.command('home', 'retry')
    await run.outcomes('replied', 'replied', 'replied')
    expect(run.seen()).toHaveLength(count)
    expect(
      run.letterbox
        .visible('home')
        .map(({ text }) => text)
        .join(' '),
    ).toBe(long)
  })

  it('finishes in the same message what a worker died over between the send and its confirmation', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, later: true })
    const turn = await claimFirst(run, 'one')
    const [slot] = (await opened.store.queue.show(turn))!
    const key = { id: `${turn.id}.${slot!.slot}.0.0`, firstTriedAt: slot!.firstTriedAt }
    const partial = { text: 'Half of wh', kind: 'reply', final: false } as const
    await run.adapter.send(turn.room, partial, key, new AbortController().signal)
    await run.dead.bury(turn)
    run.serve()
    const call = await generator.next()
    call.say('Another reply altogether.')
    call.end()
    await run.outcomes('replied')
    expect(run.letterbox.posted).toHaveLength(1)
    expect(run.letterbox.visible('home')).toMatchObject([{ text: 'Another reply altogether.', final: true }])
  })

  it('takes back what a dead worker sent beyond the end of the reply, confirmed or not', async () => {
    for (const confirmed of [true, false]) {
      const generator = scriptedGenerator(() => 'Short.')
      await using run = await startRun(opened, { generator, limits: { messageChars: 60 }, later: true })
      const turn = await claimFirst(run, 'one')
      const [first] = (await opened.store.queue.show(turn))!
      for (const slot of [first!, (await opened.store.deliveries.reserve(turn))!]) {
        const key = { id: `${turn.id}.${slot.slot}.0.0`, firstTriedAt: slot.firstTriedAt }
        const content = { text: `dead part ${slot.slot}`, kind: 'reply', final: true } as const
        const id = await run.adapter.send(turn.room, content, key, new AbortController().signal)
        if (confirmed) await opened.store.deliveries.confirm(turn, slot.slot, id)
      }
      await run.dead.bury(turn)
      run.serve()
      await run.outcomes('replied')
      expect(run.seen()).toEqual(['reply: Short.'])
    }
  })

  it('never mixes two workers’ replies, even where the first one’s parts looked final', async () => {
    const slow = handGenerator()
    const limits = { messageChars: 60 }
    await using first = await startRun(opened, { generator: slow, limits })
    first.letterbox.say('home', 'one')
    const call = await slow.next()
    call.say(sentence('aaa', 2))
    await until(() => expect(first.seen()).toHaveLength(1))
    call.say(` ${sentence('aaa', 8)}`)
    await until(() => expect(first.seen()).toHaveLength(2))
    await first.endServing()
    const generator = scriptedGenerator(() => sentence('bbb', 10))
    await using second = await startRun(opened, { generator, limits, beside: first })
    await first.dead.buryAll()
    await second.outcomes('replied')
    expect(
      second.letterbox
        .visible('home')
        .map(({ text }) => text)
        .join(' '),
    ).toBe(sentence('bbb', 10))
    // The first one lives on, and is told that the turn is not its own any more.
    call.end()
    await until(() => expect(first.closed).toEqual([]))
    await first.engine[Symbol.asyncDispose]()
    expect(
      second.letterbox
        .visible('home')
        .map(({ text }) => text)
        .join(' '),
    ).toBe(sentence('bbb', 10))
  })

  it('delivers a reply that is durable without asking the model again', async () => {
    const generator = scriptedGenerator(() => 'asked again')
    await using run = await startRun(opened, { generator, later: true })
    const turn = await claimFirst(run, 'one')
    await opened.store.queue.answer(turn, reply('Durable.'))
    await run.dead.bury(turn)
    run.serve()
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: Durable.'])
    expect(generator.prompts).toEqual([])
  })

  it('does not show a reply again that was whole when its worker died', async () => {
    for (const canEdit of [true, false]) {
      const generator = scriptedGenerator(() => 'asked again')
      const editKeys: string[] = []
      await using run = await startRun(opened, {
        generator,
        limits: { canEdit },
        later: true,
        wrap: (adapter) => ({
          async edit(...args) {
            editKeys.push(args[3].id)
            await adapter.edit(...args)
          },
        }),
      })
      const turn = await claimFirst(run, 'one')
      await opened.store.queue.answer(turn, reply('Whole.'))
      const [slot] = await opened.store.deliveries.list(turn)
      const key = { id: `${turn.id}.${slot!.slot}.0.0`, firstTriedAt: slot!.firstTriedAt }
      const content = { text: 'Whole.', kind: 'reply', final: true } as const
      await run.adapter.send(turn.room, content, key, new AbortController().signal)
      await run.dead.bury(turn)
      run.serve()
      await run.outcomes('replied')
      expect(run.letterbox.posted).toMatchObject([{ text: 'Whole.', final: true }])
      // A platform that cannot look at what it shows knows by the key that it is shown already.
      expect(editKeys).toEqual(canEdit ? [key.id] : [])
    }
  })

  it('tries a delivery again that the platform refused for a while, without the model or a notice', async () => {
    const generator = scriptedGenerator(() => 'Here at last.')
    let tries = 0
    await using run = await startRun(opened, {
      generator,
      limits: { canEdit: false },
      wrap: (adapter) => ({
        async send(...args) {
          if (++tries < 3) throw away()
          return await adapter.send(...args)
        },
      }),
    })
    run.letterbox.say('home', 'one')
    for (const failures of [1, 2]) {
      await until(() => expect(run.failed).toHaveLength(failures))
      await until(async () => {
        await run.hurry()
        expect(tries).toBeGreaterThan(failures)
      })
    }
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: Here at last.'])
    expect(generator.prompts).toHaveLength(1)
  })

  it('shows the whole reply where the answer to the first send got lost', async () => {
    const generator = handGenerator()
    let sends = 0
    await using run = await startRun(opened, {
      generator,
      wrap: (adapter) => ({
        async send(...args) {
          const id = await adapter.send(...args)
          if (++sends === 1) throw away()
          return id
        },
      }),
    })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    call.say('The first')
    await until(() => expect(sends).toBe(1))
    call.say(' and the last.')
    call.end()
    await run.outcomes('replied')
    expect(run.letterbox.posted).toMatchObject([{ text: 'The first and the last.', final: true }])
  })

  it('sends a reply once that is whole before the beginning of it could leave', async () => {
    const generator = handGenerator()
    const asked: boolean[] = []
    await using run = await startRun(opened, {
      generator,
      wrap: (adapter) => ({
        async send(...args) {
          const [, { final, outdated }] = args
          asked.push(final)
          if (outdated === undefined) return await adapter.send(...args)
          return await new Promise((_, reject) => {
            outdated.addEventListener('abort', () => reject(outdated.reason))
          })
        },
        edit: async () => expect.unreachable(),
      }),
    })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    call.say('The first')
    await until(() => expect(asked).toEqual([false]))
    call.say(' and the last.')
    call.end()
    await run.outcomes('replied')
    expect(asked).toEqual([false, true])
    expect(run.letterbox.posted).toMatchObject([{ text: 'The first and the last.', final: true }])
  })

  it('still delivers what was shown when the platform fails right after a stop', async () => {
    const generator = handGenerator()
    let refusals = 0
    await using run = await startRun(opened, {
      generator,
      wrap: (adapter) => ({
        async edit(...args) {
          if (args[2].final && refusals++ === 0) throw away()
          await adapter.edit(...args)
        },
      }),
    })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    call.say('Once upon a time')
    await until(() => expect(run.seen()).toHaveLength(1))
    run.letterbox.command('home', 'stop')
    await until(async () => {
      await run.hurry()
      expect(run.closed).toHaveLength(1)
    })
    expect(run.letterbox.visible('home')).toMatchObject([{ text: 'Once upon a time …', final: true }])
  })

  async function claimFirst(run: Run, text: string) {
    const event = run.message(text)
    const doorway = {
      account: run.adapter.account.id,
      platform: run.adapter.account.platform,
      persona: testPersona.id,
    }
    await opened.store.inbox.accept(doorway, event, 0)
    return await run.dead.claim()
  }
})
