import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import { sql } from '../../src/store/drizzle.ts'
import { localTime } from '../../src/unprompted/zone.ts'
import { ada, type OpenedStore, openTestStore, query, reply, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { wordsRecall } from '../support/recall.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'

const zone = 'Europe/Vienna'

describe('what a persona is to ask after', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const due = sql`select count(*)::int as count from rooms where remember_at <= clock_timestamp()`

  /** Makes facts of what was said, as of events that matter. */
  async function remember(unprompted: typeof testPersona.manners.unprompted) {
    const generator = scriptedGenerator((prompt) => {
      const asked = prompt.at(-1)?.text ?? ''
      const facts = [...asked.matchAll(/\[(\d+)\] [^\n]*?(I have [^\n.]*)\./g)].map(([, message, quote]) => ({
        message: Number(message),
        quote,
        statement: quote,
        kind: 'event',
        importance: 2,
        sensitivity: 'none',
      }))
      return JSON.stringify({ facts })
    })
    const persona = { ...testPersona, manners: unprompted === undefined ? {} : { unprompted } }
    await using _ = startJobs({
      tasks: opened.store.tasks,
      generator,
      recall: wordsRecall(opened.store),
      personas: new Map([[persona.id, persona]]),
      contextTokens: 4_096,
      now: () => new Date(),
      followUps: { book: opened.store.book, timeZone: zone },
      restMs: 0,
      observe: () => {},
    })
    await vi.waitFor(async () => expect(await query(opened.database, due)).toEqual([{ count: 0 }]), {
      timeout: 10_000,
      interval: 10,
    })
  }

  it('is what matters and has a day ahead, where that is switched on and the persona does so; and goes with it', async () => {
    const here = scene(opened)
    const { book, knocks } = opened.store
    const place = await book.find(here.doorway, { sender: ada, room: here.room })
    const waiting = () => book.list(place.person)
    const say = async (text: string, id?: string) => {
      await here.say(text, id === undefined ? {} : { id })
      await here.answer('Good luck.')
    }
    await say('I have an exam tomorrow.')
    await remember(['follow-ups'])
    expect(await waiting()).toEqual([])
    await book.setOn(place, true)
    await say('I have a viva tomorrow.', 'viva')
    await remember(['reminders'])
    expect(await waiting()).toEqual([])
    await say('I have a concert tomorrow.', 'concert')
    await remember(['follow-ups'])
    const [concert, ...others] = await waiting()
    expect(others).toEqual([])
    expect(concert).toMatchObject({
      kind: 'follow-up',
      content: { text: expect.stringContaining('concert') },
    })
    const evening = localTime(concert!.dueAt, zone)
    expect(evening.minutes).toBe(19 * 60)
    expect(evening.day).toEqual(localTime(new Date(Date.now() + 24 * 3_600_000), zone).day)

    const [dueThen] = await knocks.due([here.doorway.account], [testPersona.id], concert!.dueAt, 1)
    const day = { from: new Date(0), to: new Date(1) }
    expect(await knocks.begin(dueThen!, concert!.dueAt, day)).toBe('begun')
    const turn = await here.claim()
    const spoken = await knocks.read(turn)
    expect(spoken?.refs.facts).toHaveLength(1)
    // Said with the fact in mind: it is forgotten with it.
    await opened.store.queue.answer(turn, {
      ...reply('How was the concert?'),
      recollections: spoken!.recollections,
    })
    await opened.store.queue.close(turn, 'replied')
    const facts = (await opened.store.own.readFacts(place.person)).filter(({ statement }) =>
      /concert/.test(statement),
    )
    await opened.store.own.propose(place.person, turn.room, {
      facts: facts.map(({ id }) => id),
      messages: [],
    })
    await opened.store.own.forgetProposed(place.person, turn.room)
    await here.say('And now?')
    expect(await here.texts(await here.claim())).not.toContain('How was the concert?')
  })

  it('is nothing that is not true any more', async () => {
    const here = scene(opened)
    const { book, own } = opened.store
    const sender = { ...ada, externalId: 'somebody else' as typeof ada.externalId }
    const place = await book.find(here.doorway, { sender, room: here.room })
    await book.setOn(place, true)
    await here.say('I have a match tomorrow.', { sender })
    await here.answer('Good luck.')
    await remember(['follow-ups'])
    expect(await book.list(place.person)).toHaveLength(1)
    const [fact] = await own.readFacts(place.person)
    await own.add(place.person, { ...fact!, statement: 'The match is off' }, [fact!.id])
    expect(await book.list(place.person)).toEqual([])
  })
})
