import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId, newUuid } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases } from '../support/databases.ts'
import { searchFor } from '../support/planted.ts'
import { type OpenedStore, openTestStore, reply } from './harness.ts'
import { content, place } from './remembered-place.ts'

const cut = { persona: 'ab', from: 3 }

describe.each(databases)('what is made of what was said, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is whole, numbered, and leads back to the words', async () => {
    const here = place(opened)
    const { tasks, own } = opened.store
    await here.say('My sister marries in May.')
    const task = await here.claim()
    const { messages, fresh, before } = await tasks.readNew(task, 100)
    expect(messages.map(({ text }) => text)).toEqual(['My sister marries in May.'])
    expect([before, [...fresh]]).toEqual([[], messages.map(({ id }) => id)])
    await here.keep(task, 'Her sister marries.', [...fresh])
    expect((await tasks.readNew(task, 100)).fresh.size).toBe(0)
    await tasks.close(task, undefined)
    const fact = await here.fact('Her sister marries.')
    expect(fact).toMatchObject({
      ...content('Her sister marries.'),
      number: 1,
      pinned: false,
      superseded: false,
    })
    const { person } = await here.find()
    expect(await own.readSources(person, [fact.id])).toMatchObject([
      { text: 'My sister marries in May.', owner: person },
    ])
    await expect(here.claim()).rejects.toThrow('nothing to do')
  })

  it('is not kept where the words have changed meanwhile', async () => {
    const here = place(opened)
    await here.say('My sister marries.', 'one')
    const task = await here.claim()
    const { fresh } = await opened.store.tasks.readNew(task, 100)
    await here.redact('one', here.sender)
    expect(await here.keep(task, 'Her sister marries.', [...fresh])).toBe(false)
    expect(await here.known()).toEqual([])
  })

  it('goes with the words, and what it took the place of is true again', async () => {
    const here = place(opened)
    await here.say('I live in Linz.', 'one')
    const linz = await here.learn('Ada lives in Linz.')
    await here.say('I live in Graz now.', 'two')
    await here.learn('Ada lives in Graz.', [linz.id])
    expect(await here.known()).toEqual(['(Ada lives in Linz.)', 'Ada lives in Graz.'])
    await here.redact('two', here.sender)
    expect(await here.known()).toEqual(['Ada lives in Linz.'])
    await here.say('I have a cat.', 'three')
    expect((await here.learn('Ada has a cat.')).number).toBe(3)
  })

  it('goes with any of its words, and is made anew of the others', async () => {
    const here = place(opened)
    const { tasks } = opened.store
    await here.say('I have a cat.', 'one')
    const { id } = await here.learn('Ada has a cat.')
    await here.say('My cat is asleep.', 'two')
    const task = await here.claim()
    const { fresh, here: ofHere } = await tasks.readNew(task, 100)
    expect([...ofHere]).toEqual([id])
    const again = { kind: 'source', fact: id, sources: [...fresh] } as const
    const { person } = await here.find()
    await tasks.keepFacts(task, [...fresh], [{ person, changes: [again] }])
    await tasks.close(task, undefined)
    await here.redact('one', here.sender)
    expect(await here.known()).toEqual([])
    expect(await here.fresh()).toEqual(['My cat is asleep.'])
  })

  it('leaves what it took the place of to a still later one', async () => {
    const here = place(opened)
    await here.say('I live in Linz.')
    const linz = await here.learn('Ada lives in Linz.')
    await here.say('I live in Graz now.', 'two')
    const graz = await here.learn('Ada lives in Graz.', [linz.id])
    await here.say('I live in Wels now.', 'three')
    await here.learn('Ada lives in Wels.', [graz.id])
    await here.redact('two', here.sender)
    expect(await here.known()).toEqual(['(Ada lives in Linz.)', 'Ada lives in Wels.'])
    await here.redact('three', here.sender)
    expect(await here.known()).toEqual(['Ada lives in Linz.'])
  })

  it('is made anew of words that were edited', async () => {
    const here = place(opened)
    await here.say('I have a cat.', 'one')
    await here.learn('Ada has a cat.')
    await here.edit('one', 'I have a dog.', here.sender)
    expect(await here.known()).toEqual([])
    expect(await here.fresh()).toEqual(['I have a dog.'])
  })

  it('of a stretch of talk goes with any of its words', async () => {
    const here = place(opened)
    const { tasks } = opened.store
    await here.say('Good morning.', 'one')
    await here.say('I was in Paris.', 'two')
    await here.say('It rained.', 'three')
    const task = await here.claim()
    const [run = []] = await tasks.readUncovered(task, 100)
    expect(run.map(({ text }) => text)).toEqual(['Good morning.', 'I was in Paris.', 'It rained.'])
    const episode = { from: 1, to: 2, begunAt: new Date(1), endedAt: new Date(2), gist: 'Ada was in Paris.' }
    expect(await tasks.keepEpisode(task, episode)).toBe(true)
    expect(await tasks.readEpisodes(task, 3)).toMatchObject([episode])
    expect(await tasks.readEpisodes(task, 2)).toEqual([])
    const summary = { to: 2, text: 'Ada was in Paris.', account: '', accountTo: 0 }
    await tasks.keepSummary(task, cut, summary)
    expect(await tasks.readSummary(task, cut)).toEqual(summary)
    expect((await tasks.readUncovered(task, 100)).flat().map(({ text }) => text)).toEqual(['It rained.'])
    await here.redact('three', here.sender)
    expect(await tasks.readSummary(task, cut)).toEqual(summary)
    await here.redact('two', here.sender)
    expect(await tasks.readEpisodes(task, 3)).toEqual([])
    expect(await tasks.readSummary(task, cut)).toBeUndefined()
    expect((await tasks.readUncovered(task, 100)).flat().map(({ text }) => text)).toEqual(['Good morning.'])
  })

  it('that does not open any more holds up no answer, and is made anew', async () => {
    const here = place(opened)
    const { inbox, queue, tasks } = opened.store
    const { doorway, worker } = here
    await here.say('I have a cat.')
    const first = await here.answer('How nice!')
    await opened.database.drizzle.execute(sql`insert into summaries (owner_id, room_id, persona, to_position, content)
      select owner_id, room_id, persona, 1, '\\x00' from turns where id = ${first.id}`)
    await opened.database.drizzle.execute(sql`insert into self_descriptions (owner_id, room_id, content)
      select owner_id, room_id, '\\x00' from turns where id = ${first.id}`)
    const lookup = opened.vault.lookup({ kind: 'persona', persona: doorway.persona })
    const persona = Buffer.from(lookup).toString('hex')
    expect(await tasks.readSummary(await here.claim(), { persona, from: 2 })).toBeUndefined()
    const trouble = expect.objectContaining({ code: 'cannot-open' })
    const ask = here.message('And now?', { sender: here.sender })
    const { claimed } = await inbox.accept(doorway, ask, 0, { worker, leaseMs: 60_000 })
    expect(claimed?.recall).toMatchObject({ summary: undefined, selves: new Map(), trouble })
    await queue.putBack(claimed!, 0, false)
    expect((await here.claimTurn()).recall).toMatchObject({ summary: undefined, selves: new Map(), trouble })
  })

  it('stands nowhere in the clear', async () => {
    const here = place(opened)
    const { tasks, own, queue } = opened.store
    const planted = `quokka${newUuid().slice(0, 8)}`
    await here.say(`My ${planted} is ill.`)
    const { id } = await here.learn(`Ada has a ${planted}.`)
    await here.say('And now?')
    const task = await here.claim()
    const gist = `She spoke of the ${planted}.`
    const times = { begunAt: new Date(1), endedAt: new Date(2) }
    expect(await tasks.keepEpisode(task, { from: 1, to: 1, ...times, gist })).toBe(true)
    expect(await tasks.keepSummary(task, cut, { to: 1, text: gist, account: gist, accountTo: 0 })).toBe(true)
    const { person, room } = await here.find()
    const sources = await own.readSources(person, [id])
    await own.propose(person, room, { facts: [id], messages: sources })
    await own.add(person, content(`I love my ${planted}.`), [])
    const turn = await here.claimTurn()
    await queue.answer(turn, reply(`Your ${planted}!`))
    const dump = await dumpDatabase(opened.database, 'everything')
    expect([...dump.keys()]).toEqual(expect.arrayContaining(['public.facts', 'public.episodes']))
    expect(searchFor(planted).inDump(dump)).toEqual([])
    // Neither does it say what somebody is asked to confirm.
    expect(dump.get('public.proposals')?.join() ?? '').not.toContain(id)
  })

  it('is nothing while somebody does not want it', async () => {
    const here = place(opened)
    const { own, tasks } = opened.store
    await here.say('I have a cat.')
    const { person } = await here.find()
    await own.setWishes(person, { remembering: false })
    expect((await own.readWishes(person)).remembering).toBe(false)
    const task = await here.claim()
    const { fresh, unwilling } = await tasks.readNew(task, 100)
    expect([...unwilling]).toEqual([person])
    await here.keep(task, 'Ada has a cat.', [...fresh])
    expect(await here.known()).toEqual([])
    expect(await own.add(person, content('I have a cat.'), [])).toBeUndefined()
    await own.setWishes(person, { remembering: true })
    expect(await own.add(person, content('I have a cat.'), [])).toBe(1)
    expect(await here.known()).toEqual(['I have a cat.'])
  })

  it('in a group has no reply in it to those alone who do not want it', async () => {
    const here = place(opened, 'group')
    const { own, queue, memories } = opened.store
    await here.say('Hello.')
    const { person, room } = await here.find()
    const answer = async (text: string) => {
      const turn = await here.claimTurn()
      expect(await queue.answer(turn, reply(text))).toBe(true)
      await queue.close(turn, 'replied')
    }
    await answer('Hello, all.')
    await own.setWishes(person, { remembering: false })
    await here.say('I have a cat.')
    await here.say('She is ill.')
    await answer('Your cat is ill, then.')
    await here.say('I have a dog.')
    const other = { externalId: externalId(`bob of ${here.doorway.account}`), displayName: 'Bob' }
    await opened.store.inbox.accept(here.doorway, here.message('It rains.', { sender: other }), 0)
    await answer('A dog, and a wet day.')
    await own.setWishes(person, { remembering: true })
    const page = await memories.readMemories(
      { owner: room.owner, room: room.id, from: 1, to: 100 },
      undefined,
    )
    const read = (await page?.open())?.memories.map(({ memory }) => memory.text)
    expect(read).toEqual(['Hello.', 'Hello, all.', 'It rains.', 'A dog, and a wet day.'])
  })

  it('is one worker’s at a time, and waits until the room has rested', async () => {
    const here = place(opened)
    const { tasks } = opened.store
    await here.say('I have a cat.')
    const task = await here.claim()
    await expect(here.claim()).rejects.toThrow('nothing to do')
    await tasks.putBack(task, 0)
    const again = await here.claim()
    expect(again.failures).toBe(0)
    await tasks.putBack(again, 1)
    await expect.poll(() => here.claim().catch(() => undefined)).toMatchObject({ failures: 1 })
    const resting = place(opened)
    await resting.say('I have a dog.')
    const due = async () => {
      for (let task = await tasks.claim(300, 1); task !== undefined; task = await tasks.claim(300, 60_000))
        if (task.room === (await resting.find()).room.id) return true
      return false
    }
    expect(await due()).toBe(false)
    await expect.poll(due, { timeout: 5_000, interval: 50 }).toBe(true)
  })
})
