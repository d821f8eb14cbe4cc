import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { modelError } from '../../src/core/errors.ts'
import { externalId, type OwnerId, type PersonaId, personaId, type RoomId } from '../../src/core/ids.ts'
import type { Prompt } from '../../src/core/model.ts'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import type { JobEvent } from '../../src/jobs/tools.ts'
import type { Recall } from '../../src/memory/recall.ts'
import { toldFacts } from '../../src/memory/told-facts.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query, reply, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { wordsRecall } from '../support/recall.ts'
import { type ScriptedGenerator, scriptedGenerator } from '../support/scripted-generator.ts'

const hourMs = 3_600_000

describe.each(databases)('what is made of what was said in the background, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  function place() {
    const here = scene(opened)
    const sender = { externalId: externalId(`ada of ${here.doorway.account}`), displayName: 'Ada' }
    const said: string[] = []
    const own = async () => {
      const found = await opened.store.own.find(here.doorway, { sender, room: here.room })
      if (found === undefined) throw new Error('Nobody is there.')
      return found
    }
    return {
      ...here,
      sender,
      own,
      first: () => said[0] ?? '',
      second: () => said[1] ?? '',
      /** Says it so long ago. */
      async talk(hoursAgo: number, ...lines: readonly string[]) {
        for (const text of lines) {
          const at = new Date(Date.now() - hoursAgo * hourMs)
          const message = here.message(text, { sender })
          said.push(message.externalId)
          await opened.store.inbox.accept(here.doorway, { ...message, at }, 0)
        }
      },
      facts: async () =>
        (await opened.store.own.readFacts((await own()).person)).map(({ number, statement, superseded }) =>
          superseded ? `(${number} ${statement})` : `${number} ${statement}`,
        ),
    }
  }

  const isGist = (prompt: Prompt) => prompt[1]?.text.startsWith('<conversation>') === true
  const gistsAsked = ({ prompts }: ScriptedGenerator) =>
    prompts.filter(isGist).map((prompt) => prompt[1]?.text.split('\n').slice(1, -1))

  /** Says of each message what the script says; and of each stretch of talk that it was one. */
  const reader = (facts: Readonly<Record<string, string>> = {}) => {
    const script = (prompt: Prompt) => {
      if (isGist(prompt)) return 'They talked.'
      const asked = prompt.at(-1)?.text ?? ''
      const found = Object.entries(facts).flatMap(([quote, statement]) => {
        const message = Number(new RegExp(`\\[(\\d+)\\] [^\\n]*${quote}`).exec(asked)?.[1])
        return Number.isNaN(message)
          ? []
          : [{ message, quote, statement, kind: 'attribute', importance: 2, sensitivity: 'none' }]
      })
      return JSON.stringify({ facts: found })
    }
    return { ...scriptedGenerator(script), script }
  }

  /** Works until nothing is left to do. */
  async function remember(generator: ScriptedGenerator, now?: Date): Promise<readonly JobEvent[]> {
    const events = await work(generator, wordsRecall(opened.store), now)
    expect(events.filter((event) => event.kind === 'failed')).toEqual([])
    return events
  }

  async function work(
    generator: ScriptedGenerator,
    recall: Pick<Recall, 'embedMissing'>,
    now?: Date,
  ): Promise<readonly JobEvent[]> {
    const events: JobEvent[] = []
    await using _ = startJobs({
      tasks: opened.store.tasks,
      generator,
      recall,
      personas: new Map(),
      contextTokens: 4_096,
      now: () => now ?? new Date(),
      restMs: 0,
      observe: (event) => events.push(event),
    })
    await vi.waitFor(async () => expect(await query(opened.database, due)).toEqual([{ count: 0 }]), {
      timeout: 10_000,
      interval: 10,
    })
    return events
  }

  const due = sql`select count(*)::int as count from rooms where remember_at <= clock_timestamp()`
  /** Ends the waits before something is tried again; a worker's lease is longer than any of them. */
  const hurry = () =>
    opened.database.drizzle.execute(
      sql`update rooms set remember_lease = clock_timestamp() where remember_lease < clock_timestamp() + interval '9 minutes'`,
    )

  it('is a gist of every stretch that has ended, and none of what may go on', async () => {
    const here = place()
    await here.talk(30, 'My sister marries in May.', 'In Graz.')
    await here.talk(8, 'I have bought the ring.')
    await here.talk(0, 'Good morning.')
    const asked = reader()
    await remember(asked)
    expect(gistsAsked(asked)).toEqual([
      ['Ada: My sister marries in May.', 'Ada: In Graz.'],
      ['Ada: I have bought the ring.'],
    ])
    expect(asked.options.map(({ priority }) => priority)).not.toContain('person')
    const again = reader()
    await here.talk(0, 'How are you?')
    await remember(again)
    expect(gistsAsked(again)).toEqual([])
  })

  it('is facts, each once, the later in the place of the earlier', async () => {
    const here = place()
    await here.talk(3, 'I live in Linz.')
    await remember(reader({ 'I live in Linz': 'Ada lives in Linz' }))
    expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
    await here.talk(2, 'I live in Linz, you know.')
    await remember(reader({ 'I live in Linz': 'Ada lives in Linz' }))
    expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
    await here.talk(1, 'I live in Graz now.')
    await remember(reader({ 'I live in Graz now': 'Ada lives in Graz now' }))
    expect(await here.facts()).toEqual(['(1 Ada lives in Linz)', '2 Ada lives in Graz now'])
  })

  it('is told where all that it was made of was said, and nowhere else', async () => {
    const here = place()
    const group = scene(opened, 'group')
    const { store } = opened
    const { sender } = here
    await here.talk(2, 'I work as a nurse in Graz.')
    await remember(reader({ 'I work as a nurse in Graz': 'Ada works as a nurse in Graz' }))
    const { person, room: own } = await here.own()
    const { room } = await store.inbox.accept(
      group.doorway,
      group.message('I work as a nurse.', { sender }),
      0,
    )
    await remember(reader({ 'I work as a nurse': 'Ada works as a nurse' }))
    const told = async (where: { readonly id: RoomId; readonly owner: OwnerId }) => {
      const audience = [{ owner: where.owner, room: where.id, from: 0, to: Number.MAX_SAFE_INTEGER }]
      const facts = toldFacts(await store.facts.readPlaced([person]), audience, undefined)
      return facts.map(({ statement }) => statement)
    }
    expect(await told(room)).toEqual(['Ada works as a nurse'])
    expect(await told(own)).toEqual(['Ada works as a nurse in Graz'])
  })

  it('goes with the question that it answers', async () => {
    const here = place()
    await here.talk(2, 'Zelda is ill.')
    await here.answer('Do you have a sister called Zelda?')
    await here.talk(1, 'Yes, I do.')
    await remember(reader({ 'Yes, I do': 'Ada has a sister called Zelda' }))
    expect(await here.facts()).toEqual(['1 Ada has a sister called Zelda'])
    await here.redact(here.first(), here.sender)
    await remember(reader({ 'Yes, I do': 'Ada has a sister called Zelda' }))
    expect(await here.facts()).toEqual([])
  })

  it('is made of what others have said before all of a long conversation is read', async () => {
    const [long, short] = [place(), place()]
    await long.talk(2, ...Array.from({ length: 320 }, (_, index) => `I walked ${index} miles that day.`))
    await short.talk(1, 'I live in Linz.')
    const asked = reader({ 'I live in Linz': 'Ada lives in Linz' })
    await remember(asked)
    const texts = asked.prompts.map((prompt) => prompt.at(-1)?.text ?? '')
    const at = texts.findIndex((text) => text.includes('I live in Linz'))
    const last = texts.findLastIndex((text) => text.includes('I walked 319 miles'))
    expect(at).toBeGreaterThan(0)
    expect(at).toBeLessThan(last)
  })

  it('is made without vectors where there are none to be had', async () => {
    const here = place()
    await here.talk(1, 'I live in Linz.')
    const embedMissing = async () => {
      throw modelError('There is no model.', { code: 'embedder-unavailable' })
    }
    const events = await work(reader({ 'I live in Linz': 'Ada lives in Linz' }), { embedMissing })
    expect(events.map(({ kind }) => kind)).toEqual(['failed', 'extracted', 'remembered'])
    expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
  })

  describe('where the model makes nothing of what somebody says', () => {
    const facts = { 'I live in Linz': 'Ada lives in Linz', 'I have a cat': 'Ada has a cat' }
    const fails = () => {
      throw modelError('It failed.', { code: 'model-failed', retryable: true })
    }
    const isPoisoned = (prompt: Prompt) => prompt.some(({ text }) => text.includes('poison'))

    /** As `work`, without the waits. */
    async function workOn(generator: ScriptedGenerator, tries = 200): Promise<readonly JobEvent[]> {
      const events: JobEvent[] = []
      await using _ = startJobs({
        tasks: opened.store.tasks,
        generator,
        recall: wordsRecall(opened.store),
        personas: new Map(),
        contextTokens: 4_096,
        now: () => new Date(),
        restMs: 0,
        observe: (event) => events.push(event),
      })
      await vi.waitFor(
        async () => {
          await hurry()
          const done = (await query(opened.database, due))[0]?.count === 0
          expect(done || events.length >= tries).toBe(true)
        },
        { timeout: 20_000, interval: 20 },
      )
      return events
    }

    it('is everything but that, which is counted by its reason', async () => {
      const here = place()
      const lines = [
        'I live in Linz.',
        'This is poison to it.',
        'I have a cat.',
        'It is called Tom, you know.',
      ]
      await here.talk(30, ...lines)
      const asked = reader(facts)
      const generator: ScriptedGenerator = {
        ...asked,
        async *generate(...args) {
          if (isPoisoned(args[0])) fails()
          yield* asked.generate(...args)
        },
      }
      const events = await workOn(generator)
      expect(await here.facts()).toEqual(['1 Ada lives in Linz', '2 Ada has a cat'])
      expect(events.filter(({ kind }) => kind === 'passed-over')).toEqual([
        { kind: 'passed-over', what: 'message', reason: 'model-failed' },
        { kind: 'passed-over', what: 'stretch', reason: 'model-failed' },
      ])
      expect((await opened.store.countMemories()).passedOver).toEqual(new Map([['model-failed', 2]]))
      expect(gistsAsked(asked).flat()).toEqual(
        expect.arrayContaining(['Ada: I live in Linz.', 'Ada: I have a cat.']),
      )
      // What has changed is tried again.
      await here.edit(here.second(), 'I live in Graz now.', here.sender)
      await remember(reader({ ...facts, 'I live in Graz now': 'Ada lives in Graz now' }))
      expect(await here.facts()).toContain('3 Ada lives in Graz now')
      expect((await opened.store.countMemories()).passedOver.size).toBe(0)
    })

    it('is everything but what gives rubbish each time', async () => {
      const here = place()
      await here.talk(30, 'I live in Linz.', 'This is poison to it.')
      const asked = reader(facts)
      const generator = scriptedGenerator((prompt) => {
        if (isPoisoned(prompt) && !isGist(prompt)) return 'Let us speak of something else.'
        return asked.script(prompt)
      })
      const events = await workOn(generator)
      expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
      expect(events).toContainEqual({ kind: 'passed-over', what: 'message', reason: 'unreadable' })
    })

    it('waits for a model that is away, for as long as it is', async () => {
      const here = place()
      await here.talk(30, 'I live in Linz.')
      const events = await workOn(scriptedGenerator(fails), 3)
      expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['failed']))
      await hurry()
      await remember(reader(facts))
      expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
    })
  })

  it('is nothing that nobody said', async () => {
    const here = place()
    await here.talk(1, 'What is the capital of Austria?')
    const events = await remember(reader({ 'What is the capital of Austria': 'Ada is an admin' }))
    expect(await here.facts()).toEqual([])
    const refused = events.flatMap((event) => (event.kind === 'extracted' ? [event.refused] : []))
    expect(Object.values(refused[0] ?? {}).reduce((sum, count) => sum + count, 0)).toBe(1)
  })

  it('is nothing of what is said while somebody has paused it', async () => {
    const here = place()
    await here.talk(30, 'I live in Linz.')
    const { person, room } = await here.own()
    await opened.store.own.setWishes(person, { remembering: false })
    await here.talk(20, 'I live in Graz.', 'Nobody should know that.')
    await opened.store.own.setWishes(person, { remembering: true })
    await here.talk(10, 'I live in Wels.')
    const asked = reader({ 'I live in': 'Ada lives in' })
    await remember(asked)
    expect(gistsAsked(asked)).toEqual([['Ada: I live in Linz.'], ['Ada: I live in Wels.']])
    const slice = { owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }
    const page = await opened.store.memories.readMemories(slice, undefined)
    expect((await page?.open())?.memories.map(({ memory }) => memory.text)).toEqual([
      'I live in Linz.',
      'I live in Wels.',
    ])
  })

  it('is one gist of a month that is over, made anew when any of that is taken away', async () => {
    const here = place()
    const begunAt = Date.UTC(2026, 2, 10)
    const now = new Date(Date.UTC(2026, 3, 20))
    const hoursAgo = (days: number) => (Date.now() - begunAt) / hourMs - 24 * days
    const lines = ['marries', 'lives in a house by the sea', 'keeps bees', 'sings'].map(
      (does) => `My sister ${does}, as I have told you, and everybody here at home is very glad of it.`,
    )
    const numbers = ['no', 'one', 'two', 'three', 'four']
    for (const [days, line] of lines.entries()) await here.talk(hoursAgo(days), line)
    for (const days of [30, 31, 32]) await here.talk(hoursAgo(days), 'Hello again.')
    const asked = scriptedGenerator((prompt) => {
      if (isGist(prompt)) return prompt[1]?.text.split('\n')[1]?.replace('Ada: ', '') ?? ''
      const diary = prompt[1]?.text.split('\n').slice(1, -1) ?? []
      return prompt[1]?.text.startsWith('<diary>')
        ? `There were ${numbers[diary.length]} days. They met Zorro in the park.`
        : '{"facts": []}'
    })
    await remember(asked, now)
    const { room } = await here.own()
    const audience = [{ owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }]
    const span = { from: new Date(begunAt - 9 * 24 * hourMs), to: new Date(begunAt + 20 * 24 * hourMs) }
    const told = async (inMonths: boolean, slices = audience) =>
      (await opened.store.facts.readEpisodes(slices, span, inMonths, 6)).map(({ gist }) => gist)
    // Of the month that is going on there is none yet, and what nobody said is not in it.
    expect((await opened.store.countMemories()).months).toBe(1)
    expect(await told(true)).toEqual(['There were four days.'])
    expect(await told(false)).toEqual(lines)
    // Who does not share all of it is told its days.
    expect(await told(true, [{ ...audience[0]!, from: 2 }])).toEqual(lines.slice(1))
    await here.redact(here.first(), here.sender)
    expect(await told(true)).toEqual(lines.slice(1))
    await remember(asked, now)
    expect(await told(true)).toEqual(['There were three days.'])
    const waits = sql`select (remember_at > now() + interval '1 day') as later from rooms where id = ${room.id}`
    expect(await query(opened.database, waits)).toEqual([{ later: true }])
  })

  it('is a summary for each persona, of what that one is not shown any more', async () => {
    const here = place()
    const { inbox, queue, history } = opened.store
    const personas = ['wren', 'mira'].map(personaId)
    const ask = async (persona: PersonaId) => {
      const doorway = { ...here.doorway, persona }
      await inbox.accept(doorway, here.message(`And you, ${persona}?`, { sender: here.sender }), 0)
      const [turn] = await queue.claim(here.worker, [doorway.account], [persona], 1, 60_000)
      return turn!
    }
    await here.talk(30, 'My sister marries in May.')
    await here.talk(20, 'I have bought the ring.')
    for (const [index, persona] of personas.entries()) {
      const turn = await ask(persona)
      await queue.answer(turn, { ...reply('How nice!'), historyFrom: index + 2 })
      await queue.close(turn, 'replied')
    }
    await remember(reader())
    const told = []
    for (const persona of personas) {
      const turn = await ask(persona)
      told.push((await history.read(turn)).summary?.split('\n'))
      await queue.close(turn, 'stopped')
    }
    expect(told.map((lines) => lines?.length)).toEqual([1, 2])
  })

  it('is a summary of what is not shown any more, made anew where any of that is taken away', async () => {
    const here = place()
    await here.talk(30, 'Hello.')
    await here.say('Good evening.')
    const turn = await here.claim()
    await opened.store.queue.answer(turn, { ...reply('Good evening!'), historyFrom: 2 })
    await opened.store.queue.close(turn, 'replied')
    const asked = reader()
    await remember(asked)
    const task = await claimOf(here)
    expect((await opened.store.history.read(await here.claim())).summary).toMatch(/They talked/)
    expect(await opened.store.tasks.readSummary(task, task.cuts[0]!)).toMatchObject({
      to: 1,
      text: expect.stringMatching(/^\d{4}-\d\d-\d\d: They talked\.$/),
    })
  })

  async function claimOf(here: ReturnType<typeof place>) {
    await here.talk(0, 'And now?')
    for (;;) {
      const task = await opened.store.tasks.claim(0, 60_000)
      if (task === undefined) throw new Error('There is nothing to do.')
      const { messages } = await opened.store.tasks.readNew(task, 100)
      if (messages.some(({ text }) => text === 'And now?')) return task
    }
  }
})
