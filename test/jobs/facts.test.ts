import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelError } from '../../src/core/errors.ts'
import type { OwnerId, RoomId } from '../../src/core/ids.ts'
import { toldFacts } from '../../src/memory/told-facts.ts'
import { type OpenedStore, openTestStore, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { gistsAsked, place, reader, remember, work } from './background.ts'

describe.each(databases)('the facts that are made of what was said in the background, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is facts, each once, the later in the place of the earlier', async () => {
    const here = place(opened)
    await here.talk(3, 'I live in Linz.')
    await remember(opened, reader({ 'I live in Linz': 'Ada lives in Linz' }))
    expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
    await here.talk(2, 'I live in Linz, you know.')
    await remember(opened, reader({ 'I live in Linz': 'Ada lives in Linz' }))
    expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
    await here.talk(1, 'I live in Graz now.')
    await remember(opened, reader({ 'I live in Graz now': 'Ada lives in Graz now' }))
    expect(await here.facts()).toEqual(['(1 Ada lives in Linz)', '2 Ada lives in Graz now'])
  })

  it('is told where all that it was made of was said, and nowhere else', async () => {
    const here = place(opened)
    const group = scene(opened, 'group')
    const { store } = opened
    const { sender } = here
    await here.talk(2, 'I work as a nurse in Graz.')
    await remember(opened, reader({ 'I work as a nurse in Graz': 'Ada works as a nurse in Graz' }))
    const { person, room: own } = await here.own()
    const { room } = await store.inbox.accept(
      group.doorway,
      group.message('I work as a nurse.', { sender }),
      0,
    )
    await remember(opened, reader({ 'I work as a nurse': 'Ada works as a nurse' }))
    const told = async (where: { readonly id: RoomId; readonly owner: OwnerId }) => {
      const audience = [{ owner: where.owner, room: where.id, from: 0, to: Number.MAX_SAFE_INTEGER }]
      const facts = toldFacts(await store.facts.readPlaced([person]), audience, undefined)
      return facts.map(({ statement }) => statement)
    }
    expect(await told(room)).toEqual(['Ada works as a nurse'])
    expect(await told(own)).toEqual(['Ada works as a nurse in Graz'])
  })

  it('stays told to a group where the person says more of it alone', async () => {
    const here = place(opened)
    const group = scene(opened, 'group')
    const { store } = opened
    const { room } = await store.inbox.accept(
      group.doorway,
      group.message('I work as a nurse.', { sender: here.sender }),
      0,
    )
    await remember(opened, reader({ 'I work as a nurse': 'Ada works as a nurse' }))
    await here.talk(2, 'I work as a nurse in Graz.')
    await remember(opened, reader({ 'I work as a nurse in Graz': 'Ada works as a nurse in Graz' }))
    const { person } = await here.own()
    const audience = [{ owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }]
    const facts = toldFacts(await store.facts.readPlaced([person]), audience, undefined)
    expect(facts.map(({ statement }) => statement)).toEqual(['Ada works as a nurse'])
  })

  it('goes with the question that it answers', async () => {
    const here = place(opened)
    await here.talk(2, 'Zelda is ill.')
    await here.answer('Do you have a sister called Zelda?')
    await here.talk(1, 'Yes, I do.')
    await remember(opened, reader({ 'Yes, I do': 'Ada has a sister called Zelda' }))
    expect(await here.facts()).toEqual(['1 Ada has a sister called Zelda'])
    await here.redact(here.first(), here.sender)
    await remember(opened, reader({ 'Yes, I do': 'Ada has a sister called Zelda' }))
    expect(await here.facts()).toEqual([])
  })

  it('is made of what others have said before all of a long conversation is read', async () => {
    const [long, short] = [place(opened), place(opened)]
    await long.talk(2, ...Array.from({ length: 320 }, (_, index) => `I walked ${index} miles that day.`))
    await short.talk(1, 'I live in Linz.')
    const asked = reader({ 'I live in Linz': 'Ada lives in Linz' })
    await remember(opened, asked)
    const texts = asked.prompts.map((prompt) => prompt.at(-1)?.text ?? '')
    const at = texts.findIndex((text) => text.includes('I live in Linz'))
    const last = texts.findLastIndex((text) => text.includes('I walked 319 miles'))
    expect(at).toBeGreaterThan(0)
    expect(at).toBeLessThan(last)
  })

  it('is made without vectors where there are none to be had', async () => {
    const here = place(opened)
    await here.talk(1, 'I live in Linz.')
    const embedMissing = async () => {
      throw modelError('There is no model.', { code: 'embedder-unavailable' })
    }
    const events = await work(opened, reader({ 'I live in Linz': 'Ada lives in Linz' }), { embedMissing })
    expect(events.map(({ kind }) => kind)).toEqual(['failed', 'extracted', 'remembered'])
    expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
  })

  it('is nothing that nobody said', async () => {
    const here = place(opened)
    await here.talk(1, 'What is the capital of Austria?')
    const events = await remember(opened, reader({ 'What is the capital of Austria': 'Ada is an admin' }))
    expect(await here.facts()).toEqual([])
    const refused = events.flatMap((event) => (event.kind === 'extracted' ? [event.refused] : []))
    expect(Object.values(refused[0] ?? {}).reduce((sum, count) => sum + count, 0)).toBe(1)
  })

  it('is nothing of what is said while somebody has paused it', async () => {
    const here = place(opened)
    await here.talk(30, 'I live in Linz.')
    const { person, room } = await here.own()
    await opened.store.own.setWishes(person, { remembering: false })
    await here.talk(20, 'I live in Graz.', 'Nobody should know that.')
    await opened.store.own.setWishes(person, { remembering: true })
    await here.talk(10, 'I live in Wels.')
    const asked = reader({ 'I live in': 'Ada lives in' })
    await remember(opened, asked)
    expect(gistsAsked(asked)).toEqual([['Ada: I live in Linz.'], ['Ada: I live in Wels.']])
    const slice = { owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }
    const page = await opened.store.memories.readMemories(slice, undefined)
    expect((await page?.open())?.memories.map(({ memory }) => memory.text)).toEqual([
      'I live in Linz.',
      'I live in Wels.',
    ])
  })

  it('is nothing of what was said while somebody had paused it, also where it is read with what came around it', async () => {
    const here = place(opened)
    await here.talk(4, 'I live in Linz.')
    const { person } = await here.own()
    await opened.store.own.setWishes(person, { remembering: false })
    await here.talk(3, 'Nobody should know of Zelda.')
    await here.answer('I promise to write to Zelda.')
    await opened.store.own.setWishes(person, { remembering: true })
    await here.talk(2, 'I live in Wels.')
    const asked = reader({ 'I promise to write': 'Wren promised to write to Zelda' })
    await remember(opened, asked)
    expect(JSON.stringify(asked.prompts)).not.toContain('Zelda')
    await here.talk(1, 'I work in Wels.')
    const later = reader()
    await remember(opened, later)
    expect(JSON.stringify(later.prompts)).not.toContain('Zelda')
  })
})
