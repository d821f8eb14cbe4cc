import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newUuid, workerId } from '../../src/core/ids.ts'
import type { TurnChange } from '../../src/core/store.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, reply, scene } from './harness.ts'

describe.each(databases)('a message whose turn is due at once, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const claimant = { worker: workerId(newUuid()), leaseMs: 60_000 }
  const accept = (here: ReturnType<typeof scene>, text: string, settleMs = 0) =>
    opened.store.inbox.accept(here.doorway, here.message(text), settleMs, claimant)

  it('is claimed as it is accepted, as a claim would have found it', async () => {
    const here = scene(opened)
    await here.say('before')
    await here.answer('an answer')
    const { claimed } = await accept(here, 'now')
    expect(await here.tryClaim()).toBeUndefined()
    expect(await here.texts(claimed!)).toEqual(['before', 'an answer', 'now'])
    await here.letGo(claimed!)
    const { attempt, worker, ...again } = await here.claim()
    expect({ ...again, attempt: 1, worker: claimant.worker }).toEqual(claimed)
    expect(attempt).toBe(2)
  })

  it('can be answered and closed, and is nobody else’s', async () => {
    const here = scene(opened)
    const { claimed } = await accept(here, 'hello')
    expect(await opened.store.queue.answer(claimed!, reply('hello to you'))).toBe(true)
    expect(await opened.store.queue.close(claimed!, 'replied')).toBe('closed')
    expect((await accept(here, 'and again')).claimed?.since).toBe(3)
  })

  it('is not announced, since nobody else can take it', async () => {
    const here = scene(opened)
    const heard: TurnChange[] = []
    using _listening = opened.store.announcements.subscribe((change) => void heard.push(change))
    const { claimed } = await accept(here, 'one')
    expect(heard).toEqual([])
    await accept(here, 'two')
    expect(heard).toMatchObject([{ turn: claimed!.id, revision: 1 }])
  })

  it('waits its turn where another one is open, or where the room must be still for a while', async () => {
    const here = scene(opened)
    expect((await accept(here, 'slowly', 60_000)).claimed).toBeUndefined()
    const there = scene(opened)
    const first = (await accept(there, 'one')).claimed!
    expect((await accept(there, 'two')).claimed).toBeUndefined()
    const changed = await there.row(first)
    expect(changed).toMatchObject({ revision: 1, state: 'running' })
    await opened.store.queue.putBack(first, 0, false)
    const whole = await there.claim()
    expect(await opened.store.queue.answer(whole, reply('both'))).toBe(true)
    expect((await accept(there, 'three')).claimed).toBeUndefined()
    expect(await there.tryClaim()).toBeUndefined()
    await opened.store.queue.close(whole, 'replied')
    expect((await there.claim()).since).toBe(4)
  })

  it('goes to one turn, however many come at the same time', async () => {
    const here = scene(opened)
    const all = await Promise.all(['one', 'two', 'three', 'four'].map((text) => accept(here, text)))
    expect(all.filter(({ claimed }) => claimed !== undefined)).toHaveLength(1)
  })
})
