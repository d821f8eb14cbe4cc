import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { showText, statusText } from '../../src/commands/memory-status.ts'
import { externalId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'

describe('what the operator sees of what is remembered', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is how much, and what somebody has allowed them to see', async () => {
    const { store } = opened
    const here = scene(opened)
    const sender = { externalId: externalId('@ada:home'), displayName: 'Ada' }
    await here.say('My sister marries in May.', { sender })
    const person = await store.people.find('matrix', sender.externalId)
    const content = {
      statement: 'I have a sister',
      about: { kind: 'speaker' },
      kind: 'relationship',
      quote: '',
      saidAt: new Date('2026-03-02T12:00:00Z'),
      validFrom: undefined,
      validTo: undefined,
      importance: 2,
      sensitivity: 'none',
    } as const
    await store.own.add(person!, content, [])
    const status = statusText(await store.countMemories(), new Date(Date.now() + 5 * 60_000))
    expect(status.split('\n')).toEqual([
      'people      1, of whom 0 have paused it',
      'messages    1',
      'facts       1, of which 0 are not true any more',
      'episodes    0',
      'months      0',
      'summaries   0',
      'vectors     none',
      'to be read  1 messages in 1 rooms',
      'waiting     for 5 minutes at most',
    ])
    expect(status).not.toContain('sister')
    await opened.database.drizzle.execute(sql`update messages set passed_over = 'model-failed'`)
    expect(statusText(await store.countMemories(), new Date())).toContain(
      '\npassed over 1 (model-failed): the model made nothing of them.',
    )
    const show = () => showText(store, 'matrix', '@ada:home')
    await expect(show()).rejects.toMatchObject({
      code: 'not-shared',
      mend: expect.stringContaining('memory share'),
    })
    await store.own.setWishes(person!, { shared: true })
    expect(await show()).toBe('1. I have a sister (2 March 2026)')
    await store.own.setWishes(person!, { shared: false })
    await expect(show()).rejects.toMatchObject({ code: 'not-shared' })
    await expect(showText(store, 'matrix', '@eve:home')).rejects.toMatchObject({ code: 'nobody' })
  })
})
