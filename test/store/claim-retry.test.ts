import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newUuid, workerId } from '../../src/core/ids.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, reply, scene } from './harness.ts'

describe.each(databases)('a retry and a new message that both wait, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('are taken one after the other, and hold up nobody else', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    const there = scene(opened)
    await here.say('one')
    const first = await here.claim()
    await queue.answer(first, reply('to one'))
    await queue.close(first, 'replied')
    expect(await here.retry()).toBe('retrying')
    await here.say('two')
    await there.say('elsewhere')

    const take = () =>
      queue.claim(
        workerId(newUuid()),
        [here.doorway.account, there.doorway.account],
        [here.doorway.persona, there.doorway.persona],
        10,
        60_000,
      )
    const taken = await take()
    expect(taken.map(({ room, swipe }) => [room.externalId, swipe])).toEqual(
      expect.arrayContaining([
        [here.room.externalId, 1],
        [there.room.externalId, 0],
      ]),
    )
    expect(taken).toHaveLength(2)
    expect(await take()).toEqual([])
    for (const turn of taken) await queue.close(turn, 'stopped')
    expect(await take()).toMatchObject([{ swipe: 0 }])
  })
})
