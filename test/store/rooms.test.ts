import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoomReference } from '../../src/core/events.ts'
import { externalId, personaId } from '../../src/core/ids.ts'
import { openStore } from '../../src/store/store.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, reply, scene } from './harness.ts'

type Scene = ReturnType<typeof scene>

describe.each(databases)('rooms over $name', (kind) => {
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

  it('keep what nobody is to answer, in its place, for the next turn to read', async () => {
    const here = scene(opened, 'group')
    expect((await overhear(here, 'between us', 'aside')).status).toBe('accepted')
    expect((await overhear(here, 'between us', 'aside')).status).toBe('duplicate')
    expect(await here.tryClaim()).toBeUndefined()
    await here.say('wren, what do you think?')
    const turn = await here.claim()
    expect(await here.texts(turn)).toEqual(['between us', 'wren, what do you think?'])
    await opened.store.queue.show(turn)
    await overhear(here, 'she is slow today')
    expect(await here.texts(turn)).toEqual(['between us', 'wren, what do you think?'])
    await opened.store.queue.answer(turn, reply('I think so'))
    await opened.store.queue.close(turn, 'replied')
    await here.say('thanks')
    // What was read before stands as it stood, so that the model server need not read it again.
    expect(await here.texts(await here.claim())).toEqual([
      'between us',
      'wren, what do you think?',
      'I think so',
      'she is slow today',
      'thanks',
    ])
  })

  it('do not put a turn off for what nobody is to answer, nor begin it again', async () => {
    const here = scene(opened, 'group')
    await here.say('wren?')
    const turn = await here.claim()
    await overhear(here, 'not you')
    expect(await opened.store.queue.answer(turn, reply('yes?'))).toBe(true)
  })

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

  it('answer nothing while the persona is quiet there, and keep what is said', async () => {
    const here = scene(opened, 'group')
    const other = { ...here.doorway, persona: personaId('crow') }
    await here.say('being answered')
    const running = await here.claim()
    await opened.store.queue.show(running)
    await here.say('waiting')
    expect(await here.command('quiet')).toBe('quiet')
    // What is being written is stopped, and so is what waits.
    expect(await opened.store.queue.answer(running, reply('by then'))).toBe(true)
    await opened.store.queue.close(running, 'stopped')
    const waiting = await here.claim()
    expect(waiting.stopRequested).toBe(true)
    await opened.store.queue.close(waiting, 'stopped')
    expect((await here.say('nobody answers')).status).toBe('accepted')
    expect(await here.tryClaim()).toBeUndefined()
    // Each persona is quiet for itself.
    await opened.store.inbox.accept(other, here.message('crow?', { sender: bob }), 0)
    const [crow] = await opened.store.queue.claim(here.worker, [other.account], [other.persona], 1, 60_000)
    expect(crow).toBeDefined()
    expect(await here.command('quiet')).toBe('talking')
    await here.say('and now?')
    expect(await here.texts(await here.claim())).toEqual([
      'being answered',
      'by then',
      'waiting',
      'nobody answers',
      'crow?',
      'and now?',
    ])
  })

  it('can be told to be quiet before anything is said: then nobody greets either', async () => {
    const here = scene(opened)
    expect(await here.command('quiet')).toBe('quiet')
    expect(await here.greet()).toBe(false)
    await here.say('hello?')
    expect(await here.tryClaim()).toBeUndefined()
  })

  it('end what is open when they are left, and answer nothing until they are joined again', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.leave()
    await here.say('one')
    const running = await here.claim()
    await queue.show(running)
    await here.say('two')
    await here.leave()
    expect(await queue.answer(running, reply('too late'))).toBe(false)
    await queue.putBack(running, 0, false)
    expect(await here.row(running)).toMatchObject({ state: 'closed', outcome: 'withdrawn' })
    expect(await here.tryClaim()).toBeUndefined()
    await here.say('nobody here')
    expect(await here.tryClaim()).toBeUndefined()
    expect(await here.greet()).toBe(false)
    await here.say('back again')
    expect(await here.texts(await here.claim())).toEqual(['one', 'two', 'nobody here', 'back again'])
  })

  it('lose what is redacted there after they were left, and nothing is tried there', async () => {
    const here = scene(opened)
    await here.say('one', { id: 'one' })
    await here.answer('to one')
    await here.leave()
    await here.redact('one')
    expect(await here.tryClaim()).toBeUndefined()
    await here.greet()
    await here.say('back again')
    expect(await here.texts(await here.claim())).toEqual(['back again'])
  })

  it('go on after an upgrade with history, turns and edits, under the new name', async () => {
    const { store } = opened
    await using elsewhere = await openStore(opened.database, opened.vault)
    const here = scene(opened, 'group')
    const successor = named(here, 'successor', 'group')
    await here.say('before', { id: 'before' })
    const first = await here.claim()
    await store.queue.show(first)
    await store.deliveries.confirm(first, 0, externalId('old reply'))
    await store.queue.answer(first, reply('old words'))
    await store.queue.close(first, 'replied')
    await here.say('unanswered yet')
    // Another process has seen it under its old name.
    const [held] = await elsewhere.queue.claim(here.worker, [here.doorway.account], [first.persona], 1, 0)
    expect(held!.room.externalId).toBe(here.room.externalId)
    const moved = { ...successor, replaces: here.room.externalId }
    await Promise.all([
      here.say('after', { room: moved }),
      store.inbox.join(here.doorway, membership(moved), true),
    ])
    const [again] = await elsewhere.queue.claim(here.worker, [here.doorway.account], [first.persona], 1, 9)
    expect(again!.room).toMatchObject({ id: first.room.id, externalId: successor.externalId })
    expect((await store.history.read(again!)).messages.map(({ text }) => text)).toEqual([
      'before',
      'old words',
      'unanswered yet',
      'after',
    ])
    expect(await store.deliveries.list(first)).toEqual([])
    // What was said in the old room is still changed there.
    expect(await here.edit('before', 'before, edited')).toBe(true)
    await here.redact('old reply', bob)
    expect(
      (await elsewhere.inbox.accept(here.doorway, here.message('late, in the old one'), 0)).room.id,
    ).toBe(first.room.id)
    expect(await store.inbox.command(here.doorway, command(successor))).toBe('stopping')
  })

  it('are continued once, and a direct one by its own person alone', async () => {
    const { inbox } = opened.store
    const here = scene(opened)
    const { room } = await here.say('in private')
    const stolen = { ...named(here, 'stolen', 'direct'), replaces: here.room.externalId }
    const other = await inbox.accept(here.doorway, here.message('mine now', { sender: bob, room: stolen }), 0)
    expect(other.room.id).not.toBe(room.id)
    const opener = { ...named(here, 'opener', 'group'), replaces: here.room.externalId }
    expect((await here.say('a group of it', { room: opener })).room.id).not.toBe(room.id)
    const own = { ...named(here, 'own', 'direct'), replaces: here.room.externalId }
    expect((await here.say('still me', { room: own })).room.id).toBe(room.id)
    const second = { ...named(here, 'second', 'direct'), replaces: here.room.externalId }
    expect((await here.say('and again', { room: second })).room.id).not.toBe(room.id)
    const unknown = { ...named(here, 'unknown', 'direct'), replaces: externalId('!never-seen') }
    expect((await here.say('new', { room: unknown })).room.id).not.toBe(room.id)
  })

  const named = (here: Scene, name: string, kindOfRoom: RoomReference['kind']): RoomReference => ({
    externalId: externalId(`${here.room.externalId}-${name}`),
    kind: kindOfRoom,
  })
  const base = (room: RoomReference) => ({ room, sender: ada, at: new Date() })
  const membership = (room: RoomReference) =>
    ({ ...base(room), kind: 'membership', change: 'joined' }) as const
  const command = (room: RoomReference) => ({ ...base(room), kind: 'command', name: 'stop' }) as const
})
