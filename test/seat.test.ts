import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { personaId } from '../src/core/ids.ts'
import { takeSeat } from '../src/seat.ts'
import { pgliteDatabase, postgresDatabase } from './support/databases.ts'
import { testPersona } from './support/persona.ts'

const folder = () => mkdtempDisposable(path.join(tmpdir(), 'hearth-seat-'))

describe('the seat at a terminal', () => {
  it('is everybody’s own over the built-in database, as it was in older data folders', async () => {
    await using test = await pgliteDatabase()
    await using database = await test.open()
    await using data = await folder()
    await using seat = await takeSeat(database, data.path, testPersona)
    expect(seat).toMatchObject({ account: { id: 'console', platform: 'console' }, person: 'keyboard' })
  })

  it('is the same in each process of a data folder, and another in another, over Postgres', async () => {
    await using test = await postgresDatabase()
    await using database = await test.open()
    await using hers = await folder()
    await using his = await folder()
    const other = { ...testPersona, id: personaId('pascoe') }
    await using first = await takeSeat(database, hers.path, testPersona)
    await using beside = await takeSeat(database, hers.path, other)
    await using second = await takeSeat(database, his.path, testPersona)
    expect(beside.person).toBe(first.person)
    expect(beside.account).toEqual(first.account)
    expect(second.person).not.toBe(first.person)
    expect(second.account.id).not.toBe(first.account.id)
    expect(first.account.id).toBe(`console-${first.person}`)
    await expect(takeSeat(database, hers.path, testPersona)).rejects.toMatchObject({
      code: 'terminal-in-use',
    })
  })

  it('goes with the word in its file: `keyboard` is the conversation that all terminals once shared', async () => {
    await using test = await postgresDatabase()
    await using database = await test.open()
    await using data = await folder()
    const file = path.join(data.path, 'console', 'person')
    await mkdir(path.dirname(file))
    await writeFile(file, 'keyboard\n')
    await using seat = await takeSeat(database, data.path, testPersona)
    expect(seat).toMatchObject({ account: { id: 'console' }, person: 'keyboard' })
    expect(await readFile(file, 'utf8')).toBe('keyboard\n')
  })

  it.each(['', 'Ada Lovelace\n', '../x', 'x'.repeat(80)])(
    'is refused with its mend where the file says %j',
    async (words) => {
      await using test = await postgresDatabase()
      await using database = await test.open()
      await using data = await folder()
      const file = path.join(data.path, 'console', 'person')
      await mkdir(path.dirname(file))
      await writeFile(file, words)
      await expect(takeSeat(database, data.path, testPersona)).rejects.toMatchObject({
        code: 'console-person',
        mend: expect.any(String),
      })
    },
  )
})
