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
    if (crow === undefined) throw new Error('the crow was not asked')
    await opened.store.queue.close(crow, 'stopped')
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
