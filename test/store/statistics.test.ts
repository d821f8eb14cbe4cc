import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, query, scene } from './harness.ts'

describe.each(databases)('what $name knows of its tables', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is looked up as soon as there is something in them, without waiting for the server to do it', async () => {
    const analysed = () =>
      query(
        opened.database,
        sql`select tablename from pg_stats where tablename in ('messages', 'data_keys') group by 1`,
      )
    expect(await analysed()).toEqual([])
    const here = scene(opened)
    for (let said = 0; said < 32; said++) await here.say(`message ${said}`)
    await vi.waitFor(async () => expect(await analysed()).toHaveLength(2))
  })
})
