import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, inject, it, vi } from 'vitest'
import { sql } from '../../src/store/drizzle.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { messages } from '../../src/store/schema.ts'
import { postgresDatabase } from '../support/databases.ts'
import { makeHome } from '../support/hearth-process.ts'
import { searchFor } from '../support/planted.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const fixtures = path.join(import.meta.dirname, '../fixtures/import')

const chatLine = (index: number, text: string) =>
  JSON.stringify({
    name: index % 2 === 0 ? 'Ada' : 'Mira',
    is_user: index % 2 === 0,
    send_date: new Date(1_700_000_000_000 + index * 60_000).toISOString(),
    mes: text,
  })

it('looks, takes in, and leaves nothing readable', async () => {
  await using home = await makeHome({ TZ: 'UTC' })
  await cp(path.join(fixtures, 'sillytavern.jsonl'), path.join(home.folder, 'chat.jsonl'))
  const command = ['memory', 'import', 'chat.jsonl', '--persona', 'mira', '--person', 'keyboard']

  const dry = await home.run([...command, '--dry-run'])
  expect(dry).toMatchObject({ code: 0, stderr: '' })
  expect(dry.stdout).toMatchInlineSnapshot(`
    "The file is a chat of SillyTavern.
      the person: Ada, Captain Ada
      Mira: Mira
    5 messages of the person and 4 of Mira, in 1 conversation.
    From 3 January 2024 to 3 January 2024.
    1 without a date got that of their neighbours.
    Left out: 1 twice in the file, 2 unreadable, 2 by the service or a program, 1 empty.
    What cannot be read stands in line 8 (byte 1061), in line 17 (byte 2108).
    Nothing was written.
    "
  `)
  expect(existsSync(home.data)).toBe(false)

  await cp(inject('pgliteMigrated'), home.data, { recursive: true })
  const first = await home.run(command)
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('All 9 are new.') })
  expect(await searchFor('glove').inFolder(home.data)).toEqual([])

  await using _other = await openPglite(home.data)
  const refused = await home.run(command)
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop it while the file') })
})

it('an import that was killed goes on where it was', async () => {
  const mark = `zq${randomBytes(6).toString('hex')}`
  const total = 10_000
  const lines = Array.from({ length: total }, (_, index) => chatLine(index, `${mark} ${index}`))
  await using place = await postgresDatabase()
  await using home = await makeHome(place.environment)
  await writeFile(path.join(home.folder, 'chat.jsonl'), lines.join('\n'))
  await using database = await place.open()
  // Before the first migration there is no such table.
  const count = () => database.drizzle.$count(messages).catch(() => 0)
  const command = ['memory', 'import', 'chat.jsonl', '--persona', 'mira', '--person', 'keyboard']
  {
    await using hearth = home.start(command)
    await expect.poll(count, { timeout: 60_000, interval: 10 }).toBeGreaterThan(0)
    hearth.kill('SIGKILL')
    await hearth.ended
  }
  const before = await count()
  expect(before).toBeLessThan(total)
  const { stdout } = await home.run(command)
  const numbers = [total - before, before].map((number) => number.toLocaleString('en-GB'))
  expect(stdout).toContain(`${numbers[0]} are new, ${numbers[1]} were here before.`)
  expect(await count()).toBe(total)
  const { rows } = (await database.drizzle.execute(
    sql`select count(*)::int as n from (
      select said_at < lag(said_at) over (order by position) as back from messages) m where back`,
  )) as unknown as { rows: readonly unknown[] }
  expect(rows).toEqual([{ n: 0 }])
})
