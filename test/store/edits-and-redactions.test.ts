import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, reply, scene } from './harness.ts'

type Scene = ReturnType<typeof scene>

describe.each(databases)('edits and redactions over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const overhear = (here: Scene, text: string, id?: string) =>
    opened.store.inbox.accept(
      here.doorway,
      { ...here.message(text, { sender: bob, ...(id === undefined ? {} : { id }) }), unanswered: true },
      0,
    )

  it('take the reply down with the last message that it answers, whatever was said beside it', async () => {
    const here = scene(opened, 'group')
    await here.say('one', { id: 'one' })
    await overhear(here, 'beside it')
    await here.say('two', { id: 'two' })
    await here.answer('to one and two')
    await here.redact('one')
    expect(await here.tryClaim()).toBeUndefined()
    await here.redact('two')
    const turn = await here.claim()
    expect(turn.state).toBe('answered')
    expect(await opened.store.history.readReply(turn)).toBeUndefined()
    await opened.store.deliveries.remove(turn, 0)
    await opened.store.queue.close(turn, 'withdrawn')
    await here.redact('two')
    expect(await here.tryClaim()).toBeUndefined()
    expect(await here.retry()).toBe('nothing-to-retry')
    await here.say('three')
    expect(await here.texts(await here.claim())).toEqual(['beside it', 'three'])
  })

  it('end a turn whose messages are all redacted, whoever works on it', async () => {
    const { queue, history } = opened.store
    for (const begin of ['waiting', 'begun', 'shown', 'whole'] as const) {
      const here = scene(opened)
      await here.say('regretted', { id: 'r' })
      const worker = begin === 'waiting' ? undefined : await here.claim()
      if (worker !== undefined && begin !== 'begun') await queue.show(worker)
      if (worker !== undefined && begin === 'whole') await queue.answer(worker, reply('I heard that'))
      await here.redact('r', bob)
      if (worker !== undefined) {
        expect(await queue.answer(worker, reply('I heard that'))).toBe(false)
        if (begin === 'whole') expect(await queue.close(worker, 'replied')).toBe('not-closed')
        else await queue.putBack(worker, 0, false)
      }
      const taken = await here.claim()
      expect(taken.state, begin).toBe('answered')
      expect(await history.readReply(taken)).toBeUndefined()
      expect(await queue.close(taken, 'withdrawn')).toBe('closed')
      await here.say('else')
      expect(await here.texts(await here.claim()), begin).toEqual(['else'])
    }
  })

  it('take the rest of a reply down when a moderator redacts a part of it', async () => {
    const { queue, deliveries, history } = opened.store
    const here = scene(opened, 'group')
    await here.say('one')
    const turn = await here.claim()
    await queue.show(turn)
    await deliveries.reserve(turn)
    for (const slot of [0, 1]) await deliveries.confirm(turn, slot, externalId(`part ${slot}`))
    await queue.answer(turn, reply('in two parts'))
    await queue.close(turn, 'replied')
    await here.redact('part 0', bob)
    const again = await here.claim()
    expect(await history.readReply(again)).toBeUndefined()
    expect(await deliveries.list(again)).toMatchObject([{ slot: 1, externalId: 'part 1' }])
    await queue.close(again, 'withdrawn')
    // A platform tells of what we removed ourselves, too.
    await deliveries.remove(again, 1)
    await here.say('two')
    expect(await here.texts(await here.claim())).toEqual(['one', 'two'])
  })

  it('leave of what should stand on the platform what people said and what shows a reply that is at its end', async () => {
    const { queue, deliveries, standing } = opened.store
    const here = scene(opened, 'group')
    const stands = async (since = new Date(Date.now() - 60_000)) =>
      (await standing.since({ ...here.doorway, id: here.doorway.account }, here.room, since)).toSorted()
    expect(await stands()).toEqual([])
    for (const id of ['one', 'two']) await here.say(id, { id })
    const turn = await here.claim()
    await queue.show(turn)
    await deliveries.reserve(turn)
    for (const slot of [0, 1]) await deliveries.confirm(turn, slot, externalId(`part ${slot}`))
    // Its parts may still come and go.
    expect(await stands()).toEqual(['one', 'two'])
    await queue.answer(turn, reply('in two parts'))
    await deliveries.remove(turn, 1)
    await queue.close(turn, 'replied')
    expect(await stands()).toEqual(['one', 'part 0', 'two'])
    expect(await stands(new Date(Date.now() + 60_000))).toEqual([])
    await here.redact('one')
    await here.edit('two', 'two, edited', ada, { id: 'edit of two' })
    // It is being made anew.
    expect(await stands()).toEqual(['two'])
    await here.redact('edit of two')
    expect(await stands()).toEqual([])
  })

  it('keep the latest of several edits, in whatever order they come', async () => {
    const here = scene(opened)
    await here.say('first words', { id: 'e' })
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute))
    expect(await here.edit('e', 'third', ada, { at: at(3) })).toBe(true)
    expect(await here.edit('e', 'second', ada, { at: at(2) })).toBe(false)
    expect(await here.edit('e', 'fourth', ada, { at: at(4), id: 'fourth' })).toBe(true)
    expect(await here.edit('e', 'fourth', ada, { at: at(4), id: 'fourth' })).toBe(false)
    expect(await here.texts(await here.claim())).toEqual(['fourth'])
    // Of two at the same moment one and the same wins, whichever comes first.
    const left: string[][] = []
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const room = { externalId: externalId(`!tie-${here.doorway.account}`), kind: 'direct' } as const
      const target = externalId(`tie ${order.join('')}`)
      await here.say('?', { id: target, room })
      for (const id of order) {
        await opened.store.inbox.edit(here.doorway, {
          ...{ kind: 'edit', room, sender: ada, at: at(5), target },
          externalId: externalId(id),
          text: id,
        })
      }
      const turn = await here.claim()
      left.push((await here.texts(turn)).slice(-1))
      await opened.store.queue.close(turn, 'failed')
    }
    expect(left[0]).toEqual(left[1])
  })

  it('bring nothing back by an edit that was redacted, before it came or after', async () => {
    const here = scene(opened)
    await here.say('first words', { id: 'm' })
    await here.redact('early edit')
    expect(await here.edit('m', 'regretted', ada, { id: 'early edit' })).toBe(false)
    const turn = await here.claim()
    expect(await here.texts(turn)).toEqual(['first words'])
    await here.edit('m', 'regretted', ada, { id: 'an edit' })
    await here.say('and more', { id: 'n' })
    await here.redact('an edit')
    expect(await here.edit('m', 'again', ada)).toBe(false)
    await opened.store.queue.putBack(turn, 0, false)
    expect(await here.texts(await here.claim())).toEqual(['and more'])
  })

  it('make the last reply anew for an edit of what it answers, once for each edit', async () => {
    const here = scene(opened)
    await here.say('older', { id: 'older' })
    await here.answer('to older')
    await here.say('one', { id: 'one' })
    await here.say('two', { id: 'two' })
    const turn = await here.answer('to one and two')
    await here.edit('older', 'older, edited')
    expect(await here.tryClaim()).toBeUndefined()
    await here.edit('one', 'one, edited', bob)
    expect(await here.tryClaim()).toBeUndefined()
    await here.edit('one', 'one, edited', ada, { id: 'once', at: new Date(0) })
    const again = await here.claim()
    expect(again).toMatchObject({ id: turn.id, swipe: 1, state: 'running' })
    expect(await here.texts(again)).toEqual(['older, edited', 'to older', 'one, edited', 'two'])
    await opened.store.queue.answer(again, reply('to the edit'))
    // An edit that comes while the reply is being shown finds it whole, and outdated.
    await here.edit('two', 'two, edited')
    expect(await opened.store.queue.close(again, 'replied')).toBe('not-closed')
    const third = await here.claim()
    expect(third).toMatchObject({ id: turn.id, swipe: 2, state: 'running' })
    await opened.store.queue.answer(third, reply('to both edits'))
    await opened.store.queue.close(third, 'replied')
    await here.edit('one', 'one, edited', ada, { id: 'once', at: new Date(0) })
    expect(await here.tryClaim()).toBeUndefined()
  })

  it('make no reply anew for an edit that is not to be answered, and keep what it says', async () => {
    const here = scene(opened)
    await here.say('one', { id: 'one' })
    await here.answer('to one')
    expect(await here.edit('one', 'one, edited', ada, { unanswered: true })).toBe(true)
    expect(await here.tryClaim()).toBeUndefined()
    await here.say('two')
    expect(await here.texts(await here.claim())).toEqual(['one, edited', 'to one', 'two'])
  })

  it('begin again for an edit of what a reply answers that was shown and just stopped', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one', { id: 'one' })
    const turn = await here.claim()
    await queue.show(turn)
    await here.stop()
    await here.edit('one', 'one, edited')
    expect(await queue.answer(turn, reply('what was shown'))).toBe(false)
    await queue.putBack(turn, 0, false)
    const again = await here.claim()
    expect(again).toMatchObject({ id: turn.id, stopRequested: false })
    expect(await here.texts(again)).toEqual(['one, edited'])
  })

  it('answer no edit where there is no reply: stopped, taken back, or while the persona is quiet', async () => {
    const stopped = scene(opened)
    await stopped.say('one', { id: 'one' })
    await stopped.stop()
    await opened.store.queue.close(await stopped.claim(), 'stopped')
    await stopped.edit('one', 'one, edited')
    expect(await stopped.tryClaim()).toBeUndefined()

    const taken = scene(opened)
    await taken.say('one', { id: 'one' })
    await taken.answer('to one')
    await taken.command('takeback')
    await opened.store.queue.close(await taken.claim(), 'withdrawn')
    await taken.edit('one', 'one, edited')
    expect(await taken.tryClaim()).toBeUndefined()

    const quiet = scene(opened)
    await quiet.say('one', { id: 'one' })
    await quiet.answer('to one')
    await quiet.command('quiet')
    await quiet.edit('one', 'one, edited')
    expect(await quiet.tryClaim()).toBeUndefined()
  })
})
