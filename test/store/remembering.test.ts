import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FactContent } from '../../src/core/fact.ts'
import { externalId, type FactId, factId, type MessageId, newUuid, ownerId } from '../../src/core/ids.ts'
import type { MemoryTask } from '../../src/core/memory.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases } from '../support/databases.ts'
import { searchFor } from '../support/planted.ts'
import { type OpenedStore, openTestStore, reply, scene } from './harness.ts'

const content = (statement: string): FactContent => ({
  statement,
  about: { kind: 'speaker' },
  kind: 'attribute',
  quote: statement,
  saidAt: new Date('2026-03-02T12:00:00Z'),
  validFrom: '2026-03',
  validTo: undefined,
  importance: 2,
  sensitivity: 'none',
})

const cut = { persona: 'ab', from: 3 }

describe.each(databases)('what is made of what was said, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** A room with somebody who is nowhere else. */
  function place(kindOfRoom: 'direct' | 'group' = 'direct') {
    const { tasks, own } = opened.store
    const here = scene(opened, kindOfRoom)
    const sender = { externalId: externalId(`ada of ${here.doorway.account}`), displayName: 'Ada' }
    const self = {
      ...here,
      claimTurn: here.claim,
      sender,
      say: (text: string, id?: string) => here.say(text, { sender, ...(id !== undefined && { id }) }),
      async find() {
        const found = await own.find(here.doorway, { sender, room: here.room })
        if (found === undefined) throw new Error('Nobody is there.')
        return found
      },
      /** Tests share a database, and whoever claims gets what waits longest. */
      async claim(): Promise<MemoryTask> {
        const { room } = await self.find()
        for (;;) {
          const task = await tasks.claim(0, 60_000)
          if (task === undefined) throw new Error('There is nothing to do.')
          if (task.room === room.id) return task
          await tasks.putBack(task, 600_000)
        }
      },
      async keep(
        task: MemoryTask,
        statement: string,
        sources: readonly MessageId[],
        supersedes: readonly FactId[] = [],
      ) {
        const { person } = await self.find()
        const id = factId(newUuid())
        const change = { kind: 'add', id, content: content(statement), sources, supersedes } as const
        return await tasks.keepFacts(task, sources, [{ person, changes: [change] }])
      },
      /** Makes a fact of all that is new. */
      async learn(statement: string, supersedes: readonly FactId[] = []) {
        const task = await self.claim()
        const { fresh } = await tasks.readNew(task, 100)
        expect(await self.keep(task, statement, [...fresh], supersedes)).toBe(true)
        await tasks.close(task, undefined)
        return await self.fact(statement)
      },
      facts: async () => own.readFacts((await self.find()).person),
      async fact(statement: string) {
        const found = (await self.facts()).find((each) => each.statement === statement)
        if (found === undefined) throw new Error(`Nothing is known of ${statement}.`)
        return found
      },
      known: async () =>
        (await self.facts()).map(({ statement, superseded }) => (superseded ? `(${statement})` : statement)),
      fresh: async () => {
        const task = await self.claim()
        const { fresh, messages } = await tasks.readNew(task, 100)
        await tasks.putBack(task, 0)
        return messages.filter(({ id }) => fresh.has(id)).map(({ text }) => text)
      },
    }
    return self
  }

  it('is whole, numbered, and leads back to the words', async () => {
    const here = place()
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
    const here = place()
    await here.say('My sister marries.', 'one')
    const task = await here.claim()
    const { fresh } = await opened.store.tasks.readNew(task, 100)
    await here.redact('one', here.sender)
    expect(await here.keep(task, 'Her sister marries.', [...fresh])).toBe(false)
    expect(await here.known()).toEqual([])
  })

  it('goes with the words, and what it took the place of is true again', async () => {
    const here = place()
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
    const here = place()
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
    const here = place()
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

  it('that was forgotten at a wish brings nothing back that was not true any more', async () => {
    const here = place()
    const { own } = opened.store
    await here.say('I live in Linz.')
    const linz = await here.learn('Ada lives in Linz.')
    await here.say('I live in Graz now.')
    const { id } = await here.learn('Ada lives in Graz.', [linz.id])
    const { person, room } = await here.find()
    const messages = await own.readSources(person, [id])
    await own.propose(person, room, { facts: [id], messages })
    await own.forgetProposed(person, room)
    expect(await here.known()).toEqual(['(Ada lives in Linz.)'])
  })

  it('is made anew of words that were edited', async () => {
    const here = place()
    await here.say('I have a cat.', 'one')
    await here.learn('Ada has a cat.')
    await here.edit('one', 'I have a dog.', here.sender)
    expect(await here.known()).toEqual([])
    expect(await here.fresh()).toEqual(['I have a dog.'])
  })

  it('of a stretch of talk goes with any of its words', async () => {
    const here = place()
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

  it('stands nowhere in the clear', async () => {
    const here = place()
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

  it('is forgotten at a wish, with the words', async () => {
    const here = place()
    const { own } = opened.store
    await here.say('I have a cat.', 'one')
    const { id } = await here.learn('Ada has a cat.')
    await here.say('I have a dog.', 'two')
    await here.learn('Ada has a dog.')
    const { person, room } = await here.find()
    const sources = await own.readSources(person, [id])
    await own.propose(person, room, {
      facts: [id],
      messages: sources.map((each) => ({ owner: each.owner, id: each.id })),
    })
    expect(await own.forgetProposed(person, room)).toBe(true)
    expect(await own.forgetProposed(person, room)).toBe(false)
    expect(await here.known()).toEqual(['Ada has a dog.'])
    await here.say('What do you know?')
    const turn = await here.claimTurn()
    expect(await here.texts(turn)).toEqual(['I have a dog.', 'What do you know?'])
  })

  describe('and stood in the prompt of a later reply', () => {
    const texts = async (here: ReturnType<typeof place>) => {
      await here.say('And now?')
      for (;;) {
        const turn = await here.claimTurn()
        if (turn.state === 'running') return await here.texts(turn)
        // A reply goes with what it answers, also on its platform.
        await opened.store.queue.close(turn, 'withdrawn')
      }
    }
    /** Answers what is said now, with everything in mind that there is. */
    async function answerWith(here: ReturnType<typeof place>, text: string) {
      const { store } = opened
      await here.say('Go on.')
      const turn = await here.claimTurn()
      const { person, room } = await here.find()
      const slice = { owner: room.owner, room: room.id, from: 1, to: turn.since - 1 }
      const page = await store.memories.readMemories(slice, undefined)
      const recollections = [
        ...(await here.facts()).map(({ id }) => ({ owner: ownerId(person), id, version: 0 })),
        ...((await page?.open())?.memories ?? []).map(({ memory: { id, version } }) => ({
          owner: room.owner,
          id,
          version,
        })),
      ]
      return {
        recollections,
        answer: async () => {
          const kept = await store.queue.answer(turn, { ...reply(text), recollections })
          if (kept) await store.queue.close(turn, 'replied')
          return kept
        },
      }
    }

    /** As somebody says yes to it. */
    async function forget(here: ReturnType<typeof place>, word: string) {
      const { own } = opened.store
      const { person, room } = await here.find()
      const said = await own.findSaid(person, (text) => text.includes(word), 10)
      await own.propose(person, room, { facts: [], messages: said.map(({ owner, id }) => ({ owner, id })) })
      await own.forgetProposed(person, room)
    }

    it('takes that reply along where it is forgotten', async () => {
      const here = place()
      await here.say('I have a cat.', 'one')
      await here.learn('Ada has a cat.')
      await here.answer('How nice!')
      await here.say('It rains.', 'two')
      await here.answer('It does.')
      await (await answerWith(here, 'How is your cat?')).answer()
      await forget(here, 'cat')
      expect(await texts(here)).toEqual(['It rains.', 'It does.', 'Go on.', 'And now?'])
    })

    it('takes along what was made with the gist of the talk that it stands in', async () => {
      const here = place()
      const { facts, queue, tasks } = opened.store
      await here.say('I have a cat.')
      await here.answer('How nice!')
      const at = new Date('2026-03-02T12:00:00Z')
      const task = await here.claim()
      await tasks.keepEpisode(task, { from: 1, to: 2, begunAt: at, endedAt: at, gist: 'Ada told of a cat.' })
      const audience = [{ owner: task.owner, room: task.room, from: 0, to: 9 }]
      const [episode] = await facts.readEpisodes(audience, { from: at, to: at }, false, 1)
      await here.say('Go on.')
      const turn = await here.claimTurn()
      const recollections = [{ owner: episode!.owner, id: episode!.id, version: 0 }]
      expect(await queue.answer(turn, { ...reply('How is your cat?'), recollections })).toBe(true)
      await queue.close(turn, 'replied')
      await forget(here, 'cat')
      expect(await texts(here)).toEqual(['Go on.', 'And now?'])
    })

    it('takes it along in another room too', async () => {
      const [here, elsewhere] = [place(), place()]
      await here.say('I have a cat.', 'one')
      await here.answer('How nice!')
      const { recollections } = await answerWith(here, '')
      await elsewhere.say('Hello.')
      const turn = await elsewhere.claimTurn()
      await opened.store.queue.answer(turn, { ...reply('How is your cat?'), recollections })
      await opened.store.queue.close(turn, 'replied')
      await forget(here, 'cat')
      expect(await texts(elsewhere)).toEqual(['Hello.', 'And now?'])
    })

    it('takes it along where it was only written down', async () => {
      const here = place()
      const { own } = opened.store
      await here.say('Hello.')
      await here.answer('Hello!')
      const { person, room } = await here.find()
      await own.add(person, content('I have a cat.'), [])
      await (await answerWith(here, 'How is your cat?')).answer()
      const [fact] = await here.facts()
      await own.propose(person, room, { facts: [fact!.id], messages: [] })
      await own.forgetProposed(person, room)
      expect(await texts(here)).toEqual(['Hello.', 'Hello!', 'Go on.', 'And now?'])
    })

    it('is not kept where that has changed while the reply was made', async () => {
      const here = place()
      await here.say('I have a cat.', 'one')
      await here.answer('How nice!')
      const late = await answerWith(here, 'How is your cat?')
      await here.edit('one', 'I have a dog.', here.sender)
      expect(await late.answer()).toBe(false)
    })
  })

  it('is nobody else’s to forget', async () => {
    const here = place()
    const other = place()
    await here.say('I have a cat.')
    await here.learn('Ada has a cat.')
    await other.say('Hello.')
    const [fact] = await here.facts()
    const { person: owner } = await here.find()
    const { person: stranger, room } = await other.find()
    const messages = fact!.sources.map((id) => ({ owner, id }))
    await opened.store.own.propose(stranger, room, { facts: [fact!.id], messages: messages as never })
    await opened.store.own.forgetProposed(stranger, room)
    expect(await here.known()).toEqual(['Ada has a cat.'])
    expect(await opened.store.own.readSources(stranger, [fact!.id])).toEqual([])
  })

  it('is nothing while somebody does not want it', async () => {
    const here = place()
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

  it('is one worker’s at a time, and waits until the room has rested', async () => {
    const here = place()
    const { tasks } = opened.store
    await here.say('I have a cat.')
    const task = await here.claim()
    await expect(here.claim()).rejects.toThrow('nothing to do')
    await tasks.putBack(task, 0)
    const again = await here.claim()
    expect(again.failures).toBe(0)
    await tasks.putBack(again, 1)
    await expect.poll(() => here.claim().catch(() => undefined)).toMatchObject({ failures: 1 })
    const resting = place()
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
