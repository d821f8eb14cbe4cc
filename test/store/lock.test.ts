import { describe, expect, it } from 'vitest'
import { openPglite } from '../../src/store/pglite.ts'
import { pgliteDatabase, postgresDatabase } from '../support/databases.ts'

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
})

describe('the folder of the built-in database', () => {
  it('is for one process at a time, so every name in it is free', async () => {
    await using test = await pgliteDatabase()
    await using database = await test.open()
    expect(await database.lock('terminal mira')).toBeDefined()
    await expect(openPglite(test.folder)).rejects.toMatchObject({ code: 'database-in-use' })
  })
})
