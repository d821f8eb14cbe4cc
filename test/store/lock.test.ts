import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { pgliteDatabase, postgresDatabase } from '../support/databases.ts'
import { until } from '../turn/harness.ts'

/** As a restart of the server does. */
const cutLocks = (database: Database) =>
  database.script(({ query }) =>
    query(
      "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'hearth lock' and datname = current_database()",
      [],
    ),
  )

describe('a name on a Postgres database', () => {
  it('is for one process at a time, and free again when that one lets go', async () => {
    await using test = await postgresDatabase()
    await using here = await test.open()
    await using there = await test.open()
    const held = await here.lock('terminal mira')
    expect(held).toBeDefined()
    expect(await there.lock('terminal mira')).toBeUndefined()
    await using _other = await there.lock('terminal pascoe')
    expect(_other).toBeDefined()
    await held?.[Symbol.asyncDispose]()
    await using again = await there.lock('terminal mira')
    expect(again).toBeDefined()
  })

  it('is taken again when the connection that holds it was lost', async () => {
    await using test = await postgresDatabase()
    await using here = await test.open()
    await using there = await test.open()
    await using held = await here.lock('terminal mira')
    await cutLocks(there)
    await until(async () => expect(await holders(there)).toBe(1))
    expect(await there.lock('terminal mira')).toBeUndefined()
    expect(held?.contested.aborted).toBe(false)
  })

  it('is contested when another process was quicker after that, and comes back when that one lets go', async () => {
    await using test = await postgresDatabase()
    await using here = await test.open()
    await using there = await test.open()
    await using held = await here.lock('terminal mira')
    await cutLocks(there)
    {
      await using _quicker = await there.lock('terminal mira')
      expect(_quicker).toBeDefined()
      await until(() => expect(held?.contested.aborted).toBe(true))
    }
    await until(async () => expect(await holders(there)).toBe(1))
    expect(await there.lock('terminal mira')).toBeUndefined()
  })
})

describe('names on one connection to a Postgres database', () => {
  it('are for one process alone, or for all who join, and free when the connection ends', async () => {
    await using test = await postgresDatabase()
    await using database = await test.open()
    const here = await database.locks()
    await using there = await database.locks()
    expect(await here.take('one')).toBe(true)
    expect(await here.take('one')).toBe(false)
    expect(await there.take('one')).toBe(false)
    expect(await there.join('one')).toBe(false)
    expect(await there.free(['one', 'two'])).toEqual(['two'])
    await here.giveBack('one')
    expect(await there.take('one')).toBe(true)
    await there.giveBack('one')

    expect(await here.join('all')).toBe(true)
    expect(await there.members('all')).toEqual([{ self: false }])
    expect(await there.join('all')).toBe(true)
    const [seen, shown] = await Promise.all([here.members('all'), there.members('all')])
    expect(seen.map(({ self }) => !self)).toEqual(shown.map(({ self }) => self))
    expect(seen.filter(({ self }) => self)).toHaveLength(1)
    expect(await here.take('all')).toBe(false)
    expect(await database.lock('all')).toBeUndefined()

    expect(await here.take('two')).toBe(true)
    await database.script(({ query }) =>
      query(
        "select pg_terminate_backend(l.pid, 10000) from pg_locks l join pg_database d on d.oid = l.database where l.mode = 'ExclusiveLock' and l.locktype = 'advisory' and d.datname = current_database()",
        [],
      ),
    )
    await until(() => expect(here.lost.aborted).toBe(true))
    expect(there.lost.aborted).toBe(false)
    expect(await there.members('all')).toEqual([{ self: true }])
    expect(await there.take('two')).toBe(true)
    await expect(here.take('three')).rejects.toThrow()
    await here[Symbol.asyncDispose]()
  })
})

async function holders(database: Database): Promise<number> {
  return database.script(async ({ query }) => {
    const rows = await query(
      "select 1 from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and l.granted and d.datname = current_database()",
      [],
    )
    return rows.length
  })
}

describe('the folder of the built-in database', () => {
  it('is for one process at a time, so every name in it is free', async () => {
    await using test = await pgliteDatabase()
    await using database = await test.open()
    expect(await database.lock('terminal mira')).toBeDefined()
    await expect(openPglite(test.folder)).rejects.toMatchObject({ code: 'database-in-use' })
  })
})
