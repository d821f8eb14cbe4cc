import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Turn } from '../../src/core/conversation.ts'
import { externalId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

type Scene = ReturnType<typeof scene>

describe.each(databases)('commands over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** Claims what is to be shown anew, and closes it as a worker does. */
  async function showNow(here: Scene): Promise<{ readonly turn: Turn; readonly text: string | undefined }> {
    const turn = await here.claim()
    expect(turn.state).toBe('answered')
    const text = await opened.store.history.readReply(turn)
    const closing = await opened.store.queue.close(turn, text === undefined ? 'withdrawn' : 'replied')
    expect(closing).toBe('closed')
    return { turn, text }
  }

  /** One turn with so many swipes, each shown as the message `reply-<room>`. */
  async function swiped(here: Scene, ...texts: readonly string[]): Promise<Turn> {
    await here.say('a question')
    const { queue, deliveries } = opened.store
    let turn: Turn | undefined
    for (const text of texts) {
      if (turn !== undefined) expect(await here.retry()).toBe('retrying')
      turn = await here.claim()
      await queue.show(turn)
      await queue.answer(turn, reply(text))
      await deliveries.confirm(turn, 0, externalId(replyOf(here)))
      await queue.close(turn, 'replied')
    }
    return turn!
  }
  const replyOf = (here: Scene) => `reply-${here.doorway.account}`
  const lines = async (here: Scene) => {
    await here.say('and now?')
    return (await here.texts(await here.claim())).slice(0, -1)
  }

  it('goes back and forth among the swipes of the last reply, and asks for another one after the newest', async () => {
    const here = scene(opened)
    const { id, revision } = await swiped(here, 'first', 'second', 'third')
    expect(await here.command('previous')).toBe('choosing')
    const back = await showNow(here)
    expect(back).toMatchObject({ text: 'second', turn: { id, swipe: 1 } })
    expect(back.turn.revision).toBeGreaterThan(revision)
    expect(await here.command('previous')).toBe('choosing')
    expect(await showNow(here)).toMatchObject({ text: 'first', turn: { swipe: 0 } })
    expect(await here.command('previous')).toBe('no-other')
    expect(await here.command('next')).toBe('choosing')
    expect(await showNow(here)).toMatchObject({ text: 'second' })
    expect(await here.command('next')).toBe('choosing')
    expect(await showNow(here)).toMatchObject({ text: 'third' })
    expect(await here.command('next')).toBe('retrying')
    expect(await here.claim()).toMatchObject({ id, swipe: 3, state: 'running' })
    expect(await here.command('previous')).toBe('busy')
  })

  it('keeps to the chosen swipe in the history, and makes the next one with a number of its own', async () => {
    const here = scene(opened)
    const turn = await swiped(here, 'first', 'second')
    await here.command('previous')
    await showNow(here)
    expect(await here.retry()).toBe('retrying')
    const again = await here.claim()
    expect(again).toMatchObject({ id: turn.id, swipe: 2 })
    await opened.store.queue.close(again, 'stopped')
    expect(await lines(here)).toEqual(['a question', 'first'])
  })

  it('lets who is still delivering a swipe end, and has the one chosen meanwhile shown after it', async () => {
    const { queue, history } = opened.store
    const here = scene(opened)
    await swiped(here, 'first', 'second')
    await here.command('previous')
    const delivering = await here.claim()
    expect(await here.command('next')).toBe('choosing')
    expect(await here.tryClaim()).toBeUndefined()
    expect(await queue.close(delivering, 'replied')).toBe('not-closed')
    const after = await here.claim()
    expect(after.revision).toBe(delivering.revision + 1)
    expect(await history.readReply(after)).toBe('second')
    expect(await queue.close(after, 'replied')).toBe('closed')
  })

  it('takes a reply back for good: all its swipes, in whichever state its turn is', async () => {
    const { queue } = opened.store
    const closed = scene(opened)
    await swiped(closed, 'first', 'second')
    expect(await closed.command('takeback')).toBe('taken-back')
    expect((await showNow(closed)).text).toBeUndefined()
    expect(await closed.command('previous')).toBe('no-other')
    expect(await lines(closed)).toEqual(['a question'])
    const kept = await query(
      opened.database,
      sql`select content from messages where author = 'persona' and room_id in (
        select room_id from turns where ${ofAccount(closed)})`,
    )
    expect(kept).toEqual([{ content: null }, { content: null }])

    const running = scene(opened)
    await running.say('one')
    const worker = await running.claim()
    await queue.show(worker)
    expect(await running.command('takeback')).toBe('taken-back')
    expect(await queue.answer(worker, reply('too late'))).toBe(false)
    await queue.putBack(worker, 0, false)
    expect((await showNow(running)).text).toBeUndefined()
    expect(await lines(running)).toEqual(['one'])

    const waiting = scene(opened)
    await swiped(waiting, 'first')
    await waiting.retry()
    expect(await waiting.command('takeback')).toBe('taken-back')
    expect((await showNow(waiting)).text).toBeUndefined()
    expect(await waiting.command('takeback')).toBe('nothing-to-take-back')
  })

  it('answers anew what a reply was taken back from, when it is asked to', async () => {
    const here = scene(opened)
    await swiped(here, 'first')
    await here.command('takeback')
    await showNow(here)
    expect(await here.retry()).toBe('retrying')
    expect(await here.claim()).toMatchObject({ swipe: 1, state: 'running' })
  })

  it('takes the last reply back that there is, not one that was never given', async () => {
    const here = scene(opened)
    expect(await here.command('takeback')).toBe('nothing-to-take-back')
    const turn = await swiped(here, 'first')
    await here.say('stopped before anything was said')
    await here.stop()
    await opened.store.queue.close(await here.claim(), 'stopped')
    expect(await here.command('takeback')).toBe('taken-back')
    expect((await showNow(here)).turn.id).toBe(turn.id)
  })

  it('takes an old reply down while another one is being written', async () => {
    const here = scene(opened)
    const old = await swiped(here, 'first')
    await here.say('two')
    const busy = await here.claim()
    await opened.store.queue.show(busy)
    expect(await here.command('takeback', { target: replyOf(here) })).toBe('taken-back')
    expect((await showNow(here)).turn.id).toBe(old.id)
    expect(await opened.store.queue.answer(busy, reply('to two'))).toBe(true)
    await opened.store.queue.close(busy, 'replied')
    expect(await lines(here)).toEqual(['a question', 'two', 'to two'])
  })

  it('heeds what is put on a reply of the persona, by those who talk in the room', async () => {
    const here = scene(opened, 'group')
    await swiped(here, 'first', 'second')
    const target = replyOf(here)
    expect(await here.command('previous', { target: 'something else' })).toBe('not-heard')
    const stranger = { externalId: externalId(`${target}-stranger`), displayName: 'Nobody' }
    for (const name of ['retry', 'previous', 'takeback', 'stop'] as const)
      expect(await here.command(name, { target, sender: stranger })).toBe('not-heard')
    await here.say('me too', { sender: bob })
    expect(await here.command('previous', { target, sender: bob })).toBe('not-the-last')
    await opened.store.queue.close(await here.claim(), 'stopped')
    await query(opened.database, sql`delete from turns where ${ofAccount(here)} and outcome = 'stopped'`)
    expect(await here.command('previous', { target, sender: bob })).toBe('choosing')
    expect((await showNow(here)).text).toBe('first')
    expect(await here.command('retry', { target })).toBe('retrying')
    await opened.store.queue.show(await here.claim())
    expect(await here.command('stop', { target })).toBe('stopping')

    const direct = scene(opened)
    await swiped(direct, 'first')
    const { room } = await opened.store.inbox.accept(here.doorway, here.message('known', { sender: bob }), 0)
    expect(room.kind).toBe('group')
    expect(await direct.command('takeback', { target: replyOf(direct), sender: bob })).toBe('not-heard')
    expect(await direct.command('takeback', { target: replyOf(direct), sender: ada })).toBe('taken-back')
  })

  it('carries a command out once, and tells the same outcome however often it comes', async () => {
    const here = scene(opened)
    await swiped(here, 'first', 'second', 'third')
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => here.command('previous', { id: 'again' })),
    )
    expect(outcomes).toEqual(Array(4).fill('choosing'))
    expect((await showNow(here)).text).toBe('second')
    expect(await here.command('previous', { id: 'again' })).toBe('choosing')
    expect(await here.tryClaim()).toBeUndefined()
    expect(await here.command('quiet', { id: 'shh' })).toBe('quiet')
    expect(await here.command('quiet', { id: 'shh' })).toBe('quiet')
    expect(await here.command('quiet', { id: 'shh again' })).toBe('talking')
    // What cannot be done yet is asked again.
    const busy = scene(opened)
    await busy.say('one')
    const turn = await busy.claim()
    await opened.store.queue.answer(turn, reply('first'))
    expect(await busy.command('retry', { id: 'early' })).toBe('ending')
    await opened.store.queue.close(turn, 'replied')
    expect(await busy.command('retry', { id: 'early' })).toBe('retrying')
  })

  const ofAccount = (here: Scene) =>
    sql`account = ${opened.vault.lookup({ kind: 'account', account: here.doorway.account })}`
})
