import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PersonaId, personaId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query, reply } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { gistsAsked, hourMs, isGist, place, reader, remember } from './background.ts'

type Place = ReturnType<typeof place>

describe.each(databases)('what is told in short of what was said, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is a gist of every stretch that has ended, and none of what may go on', async () => {
    const here = place(opened)
    await here.talk(30, 'My sister marries in May.', 'In Graz.')
    await here.talk(8, 'I have bought the ring.')
    await here.talk(0, 'Good morning.')
    const asked = reader()
    await remember(opened, asked)
    expect(gistsAsked(asked)).toEqual([
      ['Ada: My sister marries in May.', 'Ada: In Graz.'],
      ['Ada: I have bought the ring.'],
    ])
    expect(asked.options.map(({ priority }) => priority)).not.toContain('person')
    const again = reader()
    await here.talk(0, 'How are you?')
    await remember(opened, again)
    expect(gistsAsked(again)).toEqual([])
  })

  it('is one gist of a month that is over, made anew when any of that is taken away', async () => {
    const here = place(opened)
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
    await remember(opened, asked, now)
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
    await remember(opened, asked, now)
    expect(await told(true)).toEqual(['There were three days.'])
    const waits = sql`select (remember_at > now() + interval '1 day') as later from rooms where id = ${room.id}`
    expect(await query(opened.database, waits)).toEqual([{ later: true }])
  })

  it('is a summary for each persona, of what that one is not shown any more', async () => {
    const here = place(opened)
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
    await remember(opened, reader())
    const told = []
    for (const persona of personas) {
      const turn = await ask(persona)
      told.push((await history.read(turn)).summary?.split('\n'))
      await queue.close(turn, 'stopped')
    }
    expect(told.map((lines) => lines?.length)).toEqual([1, 2])
  })

  it('is a summary of what is not shown any more, made anew where any of that is taken away', async () => {
    const here = place(opened)
    await here.talk(30, 'Hello.')
    await here.say('Good evening.')
    const turn = await here.claim()
    await opened.store.queue.answer(turn, { ...reply('Good evening!'), historyFrom: 2 })
    await opened.store.queue.close(turn, 'replied')
    const asked = reader()
    await remember(opened, asked)
    const task = await claimOf(here)
    expect((await opened.store.history.read(await here.claim())).summary).toMatch(/They talked/)
    expect(await opened.store.tasks.readSummary(task, task.cuts[0]!)).toMatchObject({
      to: 1,
      text: expect.stringMatching(/^\d{4}-\d\d-\d\d: They talked\.$/),
    })
  })

  async function claimOf(here: Place) {
    await here.talk(0, 'And now?')
    for (;;) {
      const task = await opened.store.tasks.claim(0, 60_000)
      if (task === undefined) throw new Error('There is nothing to do.')
      const { messages } = await opened.store.tasks.readNew(task, 100)
      if (messages.some(({ text }) => text === 'And now?')) return task
    }
  }
})
