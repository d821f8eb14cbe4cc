import { readdir } from 'node:fs/promises'
import { Command } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { addMigrateCommand } from '../../src/commands/migrate.ts'
import { readConfig } from '../../src/ops/config.ts'
import { migrationsFolder } from '../../src/store/migrate.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases, type TestDatabase } from '../support/databases.ts'

vi.setConfig({ testTimeout: 120_000 })
const signal = new AbortController().signal
const files = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).toSorted()
const linesWith = (word: string) => files.map((name) => `${word.padEnd(9)}${name}\n`).join('')

async function migrate(database: TestDatabase, ...args: readonly string[]): Promise<string> {
  let output = ''
  const program = new Command().exitOverride()
  addMigrateCommand(program, {
    config: () => readConfig({ cwd: database.folder, environment: database.environment }, signal),
    write: (text) => {
      output += text
    },
  })
  await program.parseAsync(['migrate', ...args], { from: 'user' })
  return output
}

async function tables(database: TestDatabase): Promise<readonly string[]> {
  await using open = await database.open()
  return [...(await dumpDatabase(open, 'ours')).keys()]
}

describe.each(databases)('hearth migrate, over $name', ({ make }) => {
  it('shows what is to be done without doing it, does it, and does it once', async () => {
    await using database = await make()
    expect(await migrate(database, '--status')).toBe(linesWith('pending'))
    expect(await tables(database)).toEqual([])
    expect(await migrate(database)).toBe(linesWith('done'))
    expect(await tables(database)).toContain('public.messages')
    expect(await migrate(database)).toMatch(/ is up to date\.\n$/)
    expect(await migrate(database, '--status')).toBe(linesWith('done'))
    // The key is made when there is something to seal.
    expect(await readdir(database.folder)).not.toContain('master.key')
  })

  it('refuses a database that a newer Hearth has changed', async () => {
    await using database = await make()
    await migrate(database)
    {
      await using open = await database.open()
      await open.script(({ exec }) =>
        exec(`insert into hearth_migrations (name, sha256) values ('9999_later.sql', 'x')`),
      )
    }
    for (const args of [[], ['--status']]) {
      await expect(migrate(database, ...args)).rejects.toMatchObject({
        code: 'database-newer',
        message: expect.stringContaining('9999_later.sql'),
      })
    }
  })
})
