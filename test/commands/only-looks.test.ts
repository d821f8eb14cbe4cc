import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dumpDatabase } from '../support/database-dump.ts'
import { postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { type HearthHome, makeHome } from '../support/hearth-process.ts'

vi.setConfig({ testTimeout: 120_000 })

const matrix =
  'matrix:\n  homeserver: http://127.0.0.1:2\n  accounts:\n    - user: mira\n      persona: mira\n'

describe('what only looks makes nothing', () => {
  const stack = new AsyncDisposableStack()
  let builtIn: HearthHome
  let onPostgres: HearthHome
  let database: TestDatabase
  beforeAll(async () => {
    database = stack.use(await postgresDatabase())
    builtIn = stack.use(await makeHome())
    onPostgres = stack.use(await makeHome(database.environment))
    for (const home of [builtIn, onPostgres]) await home.configure(matrix)
  })
  afterAll(() => stack.disposeAsync())

  it.each([
    [['doctor'], 'nothing there yet; the first start makes it'],
    [['keys', 'status'], 'has no master key yet'],
    [['migrate', '--status'], 'pending'],
  ])('%s in a new folder', async (args, says) => {
    expect((await builtIn.run(args)).stdout).toContain(says)
    expect(await readdir(path.dirname(builtIn.data))).not.toContain(path.basename(builtIn.data))
  })

  it.each([
    [['doctor'], 'no account has signed in yet'],
    [['keys', 'status'], 'has no master key yet'],
    [['migrate', '--status'], 'pending'],
  ])('%s on an empty Postgres', async (args, says) => {
    expect((await onPostgres.run(args)).stdout).toContain(says)
    await using open = await database.open()
    expect([...(await dumpDatabase(open, 'ours')).keys()]).toEqual([])
    expect(await readdir(database.folder)).toEqual([])
  })
})

describe('a key that cannot be one is refused before anything is made', () => {
  it.each([
    ['a command that prints something else', 'masterKey:\n  command: echo nonsense\n', 'master key command'],
    ['a variable that is not set', 'masterKey:\n  env: NO_SUCH_KEY\n', 'NO_SUCH_KEY'],
    ['a file that holds something else', 'masterKey:\n  file: ./wrong\n', 'wrong'],
  ])('%s', async (_, yaml, named) => {
    await using home = await makeHome()
    await home.configure(yaml)
    await writeFile(path.join(home.folder, 'wrong'), 'nonsense', { mode: 0o600 })
    const ended = await home.run(['run'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(named)
    const made = await readdir(home.data).catch(() => [])
    expect(made).not.toContain('pglite')
  })
})
