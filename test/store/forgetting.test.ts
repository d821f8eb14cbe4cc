import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownerId } from '../../src/core/ids.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, reply } from './harness.ts'
import { content, place } from './remembered-place.ts'

type Place = ReturnType<typeof place>

describe.each(databases)('what is remembered, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('that was forgotten at a wish brings nothing back that was not true any more', async () => {
    const here = place(opened)
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

  it('is forgotten at a wish, with the words', async () => {
    const here = place(opened)
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
    const texts = async (here: Place) => {
      await here.say('And now?')
      for (;;) {
        const turn = await here.claimTurn()
        if (turn.state === 'running') return await here.texts(turn)
        // A reply goes with what it answers, also on its platform.
        await opened.store.queue.close(turn, 'withdrawn')
      }
    }
    /** Answers what is said now, with everything in mind that there is, or all that was said of something. */
    async function answerWith(here: Place, text: string, topic = /./) {
      const { store } = opened
      await here.say('Go on.')
      const turn = await here.claimTurn()
      const { person, room } = await here.find()
      const slice = { owner: room.owner, room: room.id, from: 1, to: turn.since - 1 }
      const page = await store.memories.readMemories(slice, undefined)
      const recollections = [
        ...(await here.facts()).map(({ id }) => ({ owner: ownerId(person), id, version: 0 })),
        ...((await page?.open())?.memories ?? [])
          .filter(({ memory }) => topic.test(memory.text))
          .map(({ memory: { id, version } }) => ({ owner: room.owner, id, version })),
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
    async function forget(here: Place, word: string) {
      const { own } = opened.store
      const { person, room } = await here.find()
      const said = await own.findSaid(person, (text) => text.includes(word), 10)
      await own.propose(person, room, { facts: [], messages: said.map(({ owner, id }) => ({ owner, id })) })
      await own.forgetProposed(person, room)
    }

    it('takes that reply along where it is forgotten', async () => {
      const here = place(opened)
      await here.say('I have a cat.', 'one')
      await here.learn('Ada has a cat.')
      await here.answer('How nice!')
      await here.say('It rains.', 'two')
      await here.answer('It does.')
      await (await answerWith(here, 'How is your cat?')).answer()
      await forget(here, 'cat')
      expect(await texts(here)).toEqual(['It rains.', 'It does.', 'Go on.', 'And now?'])
    })

    it('takes along what was made with the answer to it in mind', async () => {
      const here = place(opened)
      await here.say('I have a cat.')
      await here.answer('How nice! Is it a tabby?')
      await here.say('It rains.')
      await here.answer('It does.')
      const late = await answerWith(here, 'How is your tabby?', /tabby/)
      expect(late.recollections).toHaveLength(1)
      expect(await late.answer()).toBe(true)
      await forget(here, 'cat')
      expect(await texts(here)).toEqual(['It rains.', 'It does.', 'Go on.', 'And now?'])
    })

    it('takes along what was made with the gist of the talk that it stands in', async () => {
      const here = place(opened)
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

    it('takes along what was made with it before that was written down', async () => {
      const [here, elsewhere] = [place(opened), place(opened)]
      const { own, queue } = opened.store
      await here.say('I have a cat.', 'one')
      await here.answer('How nice!')
      await here.say('I have a dog.', 'two')
      await here.answer('How nice, too!')
      const { person, room } = await here.find()
      await own.add(person, content('I have a canary.'), [])
      const [canary] = await here.facts()
      const [cat] = await own.findSaid(person, (text) => text.includes('cat'), 1)
      const [dog] = await own.findSaid(person, (text) => text.includes('dog'), 1)
      const earlier = async (where: Place, text: string, facts: (typeof canary)[], said: (typeof cat)[]) => {
        await where.say('Go on.')
        const turn = await where.claimTurn()
        const messages = said.map((each) => ({ owner: each!.owner, id: each!.id }))
        const recalled = { facts: facts.map((each) => each!.id), messages }
        await queue.answer(turn, { ...reply(text), recalled })
        await queue.close(turn, 'replied')
      }
      await earlier(here, 'How is your cat?', [], [dog, cat])
      await earlier(here, 'How is your dog?', [], [dog])
      await earlier(here, 'How is your canary?', [canary], [])
      await earlier(elsewhere, 'Somebody has a cat.', [], [cat])
      await own.propose(person, room, {
        facts: [canary!.id],
        messages: [{ owner: cat!.owner, id: cat!.id }],
      })
      await own.forgetProposed(person, room)
      expect(await texts(here)).toEqual([
        'I have a dog.',
        'How nice, too!',
        'Go on.',
        'Go on.',
        'How is your dog?',
        'Go on.',
        'And now?',
      ])
      expect(await texts(elsewhere)).toEqual(['Go on.', 'And now?'])
    })

    it('takes it along in another room too', async () => {
      const [here, elsewhere] = [place(opened), place(opened)]
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
      const here = place(opened)
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
      const here = place(opened)
      await here.say('I have a cat.', 'one')
      await here.answer('How nice!')
      const late = await answerWith(here, 'How is your cat?')
      await here.edit('one', 'I have a dog.', here.sender)
      expect(await late.answer()).toBe(false)
    })
  })

  it('is nobody else’s to forget', async () => {
    const here = place(opened)
    const other = place(opened)
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
})
