import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelError, platformError } from '../../src/core/errors.ts'
import type { Generator } from '../../src/core/model.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { lastSaid, scriptedGenerator, scriptedModel } from '../support/scripted-generator.ts'
import { handGenerator, startRun, talk, until } from './harness.ts'

const modelAway = () =>
  modelError('No host answers.', { code: 'model-away', mend: 'Start it.', retryable: true })
const modelMissing = () => modelError('Model "x" is not there.', { code: 'model-missing', mend: 'Pull it.' })

describe('when things go wrong', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('keeps a message while the model is away, says so once, and answers later', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    for (const failures of [1, 2, 3]) {
      const call = await generator.next()
      call.fail(modelAway())
      await until(() => expect(run.failed).toHaveLength(failures))
      if (failures === 1) await until(() => expect(run.seen()).toHaveLength(1))
      // The turn goes back a moment after its failure is reported.
      await until(async () => {
        await run.hurry()
        expect(generator.calls).toHaveLength(failures + 1)
      })
    }
    const last = await generator.next()
    last.say('Here I am again.')
    last.end()
    await run.outcomes('replied')
    expect(run.seen()).toEqual([
      'notice: I cannot answer just now. Your message is kept, and I will answer as soon as I can.',
      'reply: Here I am again.',
    ])
  })

  it('gives up what will not get better, and tells so again after a retry', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const first = await generator.next()
    first.fail(modelMissing())
    await run.outcomes('failed')
    expect(run.seen()).toHaveLength(1)
    expect(run.seen()[0]).toMatch(/^notice: I could not answer that/)
    run.letterbox.command('home', 'retry')
    const second = await generator.next()
    second.fail(modelMissing())
    await run.outcomes('failed', 'failed')
    expect(run.seen()).toHaveLength(2)
    run.letterbox.command('home', 'retry')
    const third = await generator.next()
    expect(talk(third.prompt)).toEqual(['user: one'])
    third.say('At last.')
    third.end()
    await run.outcomes('failed', 'failed', 'replied')
    expect(run.seen()).toHaveLength(3)
    expect(run.seen()[2]).toBe('reply: At last.')
  })

  it('tells whoever runs the place the cause and the mend', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator, limits: { operator: true } })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    call.fail(modelMissing())
    await run.outcomes('failed')
    expect(run.seen()).toEqual(['notice: Model "x" is not there.\nPull it.'])
  })

  it('takes a model that dies in the middle up again, in the same message', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const first = await generator.next()
    first.say('The first half')
    await until(() => expect(run.seen()).toEqual(['reply: The first half']))
    first.fail(modelAway())
    await until(() => expect(run.failed).toHaveLength(1))
    await until(async () => {
      await run.hurry()
      expect(generator.calls).toHaveLength(2)
    })
    const second = await generator.next()
    second.say('Another reply, whole.')
    second.end()
    await run.outcomes('replied')
    expect(run.letterbox.visible('home').filter(({ kind }) => kind === 'reply')).toMatchObject([
      { text: 'Another reply, whole.', final: true },
    ])
  })

  it('asks once more when the model has nothing to say, and then says so kindly', async () => {
    const generator = scriptedGenerator((_, call) => ['', ' \n\u200b', 'Something.'][call - 1]!)
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    await until(() => expect(run.failed).toHaveLength(1))
    await until(async () => {
      await run.hurry()
      expect(run.closed.map(({ outcome }) => outcome)).toEqual(['failed'])
    })
    expect(generator.prompts).toHaveLength(2)
    expect(run.seen()).toEqual([
      'notice: Nothing came to my mind just now. You can ask me to try again with retry.',
    ])
    run.letterbox.command('home', 'retry')
    await run.outcomes('failed', 'replied')
    expect(run.seen().at(-1)).toBe('reply: Something.')
  })

  it('ends a reply that does not end, and lets the model go', async () => {
    let released = false
    const generator: Generator = {
      info: async () => scriptedModel,
      async *generate() {
        try {
          for (;;) {
            yield { kind: 'text', text: 'on and on ' }
            await new Promise((resolve) => setImmediate(resolve))
          }
        } finally {
          released = true
        }
      },
    }
    const persona = { ...testPersona, budget: { contextTokens: 4_096, replyTokens: 20 } }
    await using run = await startRun(opened, { generator, persona })
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    const [shown] = run.letterbox.visible('home')
    expect(shown!.text.length).toBeLessThan(20 * 12 + 5)
    expect(shown!.text).toMatch(/on …$|and …$/)
    expect(released).toBe(true)
  })

  it('marks a reply that the limit cut off', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const call = await generator.next()
    call.say('This is not the')
    call.end('length')
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: This is not the …'])
  })

  it('lets nothing hostile from model or person through to platform or prompt', async () => {
    const generator = handGenerator()
    const shown: string[] = []
    await using run = await startRun(opened, { generator })
    run.letterbox.onChange(() => shown.push(...run.letterbox.posted.map(({ text }) => text)))
    run.letterbox.say('home', '\u001b[2Jclear \ud83e nul\0 \u009b31m\r\nend')
    const call = await generator.next()
    expect(talk(call.prompt)).toEqual(['user: [2Jclear \ufffd nul 31m\nend'])
    for (const piece of [
      '\u001b',
      '[31mred \ud83e',
      '\uddad seal',
      ' lone \udd2d',
      ' bell\u0007',
      '\r',
      '\nend\ud83e',
    ]) {
      call.say(piece)
      await new Promise((resolve) => setTimeout(resolve, 12))
    }
    call.end()
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: [31mred 🦭 seal lone \ufffd bell\nend'])
    expect(shown.length).toBeGreaterThan(1)
    for (const text of shown) {
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }
  })

  it('never expands macros in what a person or the model wrote', async () => {
    const generator = scriptedGenerator(() => 'I am {{char}}.')
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'You are {{char}}, I am {{user}}.')
    await run.outcomes('replied')
    run.letterbox.say('home', 'So?')
    await run.outcomes('replied', 'replied')
    expect(talk(generator.prompts[1]!)).toEqual([
      'user: You are {{char}}, I am {{user}}.',
      'assistant: I am {{char}}.',
      'user: So?',
    ])
    expect(run.seen()[0]).toBe('reply: I am {{char}}.')
  })

  it('passes over a blank message', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    for (const blank of ['', '  \n', '\u200b\u2800', '\u001b']) run.letterbox.say('home', blank)
    run.letterbox.say('home', 'hello')
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: You said: hello'])
    expect(generator.prompts).toHaveLength(1)
  })

  it('answers a message of a megabyte with a sentence, and not with the model', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'x'.repeat(1_000_000))
    await run.outcomes('refused')
    run.letterbox.say('home', 'y'.repeat(60_000))
    await run.outcomes('refused', 'refused')
    expect(generator.prompts).toEqual([])
    expect(run.seen()).toHaveLength(2)
    for (const notice of run.seen()) expect(notice).toMatch(/^notice: That message is too long/)
    run.letterbox.say('home', 'short')
    await run.outcomes('refused', 'refused', 'replied')
    expect(run.seen().at(-1)).toBe('reply: You said: short')
  })

  it('refuses what is too long at each retry, in words', async () => {
    await using run = await startRun(opened, { generator: scriptedGenerator(() => 'Yes?') })
    run.letterbox.say('home', 'x'.repeat(200_000))
    await run.outcomes('refused')
    for (const retries of [1, 2]) {
      run.letterbox.command('home', 'retry')
      await until(() => expect(run.seen()).toHaveLength(1 + retries))
    }
    expect(new Set(run.seen()).size).toBe(1)
  })

  it.each(['before', 'after'])(
    'says that it could not read what came %s a message that it answers',
    async (when) => {
      const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
      await using run = await startRun(opened, { generator, settleMs: 300, limits: { bursts: true } })
      const said = ['x'.repeat(60_000), 'hello']
      for (const text of when === 'before' ? said : said.toReversed()) run.letterbox.say('home', text)
      await run.outcomes('replied')
      expect(generator.prompts).toHaveLength(1)
      expect(run.seen()).toEqual([
        expect.stringMatching(/^notice: That message is too long for me to read. Please send it in pieces/),
        'reply: You said: hello',
      ])
    },
  )

  it('answers what is said while a refusal is being told', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    let telling = () => {}
    const told = new Promise<void>((resolve) => (telling = resolve))
    let goOn = () => {}
    const gate = new Promise<void>((resolve) => (goOn = resolve))
    await using run = await startRun(opened, {
      generator,
      wrap: (adapter) => ({
        async send(...args) {
          if (args[1].kind === 'notice') {
            telling()
            await gate
          }
          return await adapter.send(...args)
        },
      }),
    })
    run.letterbox.say('home', 'x'.repeat(200_000))
    await told
    await run.event(run.message('and hello'))
    goOn()
    await run.outcomes('replied')
    expect(run.seen().at(-1)).toBe('reply: You said: and hello')
  })

  it('keeps a turn that was claimed while its account went away', async () => {
    const generator = scriptedGenerator(() => 'Still here.')
    let goOn = () => {}
    const gate = new Promise<void>((resolve) => (goOn = resolve))
    let claimed = false
    await using run = await startRun(opened, {
      generator,
      store: (store) => ({
        ...store,
        inbox: {
          ...store.inbox,
          async accept(...args) {
            const acceptance = await store.inbox.accept(...args)
            claimed = acceptance.claimed !== undefined
            await gate
            return acceptance
          },
        },
      }),
    })
    const accepting = run.event(run.message('one'))
    await until(() => expect(claimed).toBe(true))
    await run.endServing()
    goOn()
    await accepting
    await run.engine[Symbol.asyncDispose]()
    expect(run.closed).toEqual([])
    await using next = await startRun(opened, { generator, beside: run })
    await next.outcomes('replied')
    expect(run.seen()).toEqual(['reply: Still here.'])
  })

  it('stops working on a turn that it took over from itself', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    run.letterbox.say('home', 'one')
    const first = await generator.next()
    await run.dead.buryAll()
    const second = await generator.next()
    expect(first.signal.aborted).toBe(true)
    first.say('From the first.')
    second.say('From the ')
    await until(() => expect(run.seen()).toEqual(['reply: From the']))
    // The second one is still known by its id: a stop reaches it.
    run.letterbox.command('home', 'stop')
    await run.outcomes('stopped')
    expect(run.seen()).toEqual(['reply: From the …'])
  })

  it('does not let one broken account disturb another', async () => {
    const generator = scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)}`)
    await using run = await startRun(opened, { generator })
    const broken = { ...run.adapter, account: { id: 'broken' as never, platform: 'matrix' as const } }
    const refused = platformError('Signed out.', { code: 'signed-out' })
    const serving = run.engine.serve(
      {
        ...broken,
        start: async (onEvent) => {
          await onEvent(run.message('to the broken one', 'broken-room'))
          throw refused
        },
        send: async () => {
          throw platformError('Gone.', { code: 'gone', retryable: true })
        },
      },
      testPersona.id,
      { oneByOne: false },
      new AbortController().signal,
    )
    await expect(serving).rejects.toBe(refused)
    run.letterbox.say('home', 'one')
    await run.outcomes('replied')
    expect(run.seen()).toEqual(['reply: You said: one'])
  })
})
