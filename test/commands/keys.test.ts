import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addKeysCommand } from '../../src/commands/keys.ts'
import { accountId, externalId, personaId } from '../../src/core/ids.ts'
import type { Doorway } from '../../src/core/store.ts'
import { type Config, readConfig } from '../../src/ops/config.ts'
import { openStorage } from '../../src/storage.ts'
import { migrate } from '../../src/store/migrate.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases, postgresDatabase, type TestDatabase } from '../support/databases.ts'

vi.setConfig({ testTimeout: 120_000 })
const signal = new AbortController().signal
const variables = ['HEARTH_TEST_KEY', 'HEARTH_TEST_NEXT_KEY'] as const
const lineOf = (byte: number) => `hearth-master-1:${Buffer.alloc(32, byte).toString('base64url')}`
afterEach(() => {
  for (const name of variables) delete process.env[name]
})

const configOf = async (database: TestDatabase, masterKey?: Config['masterKey']): Promise<Config> => {
  const config = await readConfig({ cwd: database.folder, environment: database.environment }, signal)
  return { ...config, ...(masterKey === undefined ? {} : { masterKey }) }
}

/** What `hearth keys …` prints. Throws what it throws. */
async function keys(config: Config, ...args: readonly string[]): Promise<string> {
  let output = ''
  const program = new Command().exitOverride()
  addKeysCommand(program, {
    config: async () => config,
    write: (text) => {
      output += text
    },
    signal,
  })
  await program.parseAsync(['keys', ...args], { from: 'user' })
  return output
}

async function dump(database: TestDatabase) {
  await using open = await database.open()
  return await dumpDatabase(open, 'ours')
}

const doorway: Doorway = { account: accountId('console'), platform: 'console', persona: personaId('mira') }

/** Something sealed, that only the right key opens. */
async function say(config: Config, text: string): Promise<void> {
  await using storage = await openStorage(config, signal)
  await storage.store.inbox.accept(
    doorway,
    {
      kind: 'message',
      room: { externalId: externalId('mira'), kind: 'direct' },
      sender: { externalId: externalId('keyboard'), displayName: 'Ada' },
      at: new Date(),
      externalId: externalId(text),
      text,
    },
    0,
  )
}

const keyFile = (database: TestDatabase) => path.join(database.folder, 'master.key')

describe.each(databases)('hearth keys, over $name', ({ make }) => {
  it('makes a key, tells how it stands, and replaces it, and what was said can still be read', async () => {
    await using database = await make()
    const config = await configOf(database)
    expect(await keys(config, 'status')).toMatch(
      /^The database has no master key yet: the master key file .*\n$/,
    )
    expect(await dump(database)).toEqual(new Map())

    const made = await keys(config, 'init')
    expect(made).toMatch(
      /^The master key is ready: .* \([0-9a-f]{16}\)\nKeep a copy of it away from this machine/,
    )
    expect((await stat(keyFile(database))).mode & 0o777).toBe(0o600)
    const id = /\(([0-9a-f]{16})\)/.exec(made)?.[1]
    expect(await keys(config, 'init')).toContain(`There is a master key already: the master key file`)
    expect(await keys(config, 'status')).toContain('The master key is the right one')

    await say(config, 'before')
    const old = await readFile(keyFile(database), 'utf8')
    const rotated = await keys(config, 'rotate')
    expect(rotated).toMatch(
      new RegExp(`^The master key ${id} was replaced by [0-9a-f]{16}; 2 data keys were wrapped anew\\.\n`),
    )
    expect(rotated).toContain('Restart every running Hearth.')
    expect(await readFile(keyFile(database), 'utf8')).not.toBe(old)
    expect(await keys(config, 'status')).toContain('The master key is the right one')
    await say(config, 'after')
    await using storage = await openStorage(config, signal)
    const worker = '00000000-0000-7000-8000-000000000000'
    const [turn] = await storage.store.queue.claim(
      worker as never,
      [doorway.account],
      [doorway.persona],
      1,
      10_000,
    )
    const history = turn && (await storage.store.history.read(turn))
    expect(history?.messages.map(({ text }) => text)).toEqual(['before', 'after'])
  })
})

describe('hearth keys', () => {
  it('refuses a lost, a wrong, a garbled and an open key, each with its mend, and changes nothing', async () => {
    await using database = await postgresDatabase()
    const config = await configOf(database)
    await keys(config, 'init')
    await say(config, 'before')
    const before = await dump(database)
    const key = await readFile(keyFile(database), 'utf8')
    const wrongs: readonly (readonly [string, () => Promise<void>])[] = [
      ['master-key-missing', () => rm(keyFile(database))],
      ['master-key-wrong', () => writeFile(keyFile(database), lineOf(9), { mode: 0o600 })],
      ['master-key-malformed', () => writeFile(keyFile(database), key.slice(0, -9), { mode: 0o600 })],
      ['master-key-exposed', () => chmod(keyFile(database), 0o640)],
    ]
    for (const [code, damage] of wrongs) {
      await damage()
      for (const command of ['init', 'status', 'rotate']) {
        await expect(keys(config, command), `${command} ${code}`).rejects.toMatchObject({
          code,
          mend: expect.any(String),
        })
      }
      expect(await dump(database)).toEqual(before)
      await rm(keyFile(database), { force: true })
      await writeFile(keyFile(database), key, { mode: 0o600 })
    }
    expect(await keys(config, 'status')).toContain('The master key is the right one')
  })

  it('has nothing to replace in an empty database', async () => {
    await using database = await postgresDatabase()
    const config = await configOf(database)
    for (const step of ['never migrated', 'migrated']) {
      await expect(keys(config, 'rotate'), step).rejects.toMatchObject({
        code: 'master-key-missing',
        mend: expect.stringContaining('hearth keys init'),
      })
      if (step === 'never migrated') expect(await dump(database)).toEqual(new Map())
      await using open = await database.open()
      await migrate(open)
    }
  })

  it('takes the next key from a variable where the key is no file', async () => {
    await using database = await postgresDatabase()
    const config = await configOf(database, { env: 'HEARTH_TEST_KEY' })
    await expect(keys(config, 'init')).rejects.toMatchObject({
      code: 'master-key-missing',
      mend: expect.stringContaining('randomBytes(32)'),
    })
    process.env.HEARTH_TEST_KEY = lineOf(1)
    expect(await keys(config, 'init')).toContain('The master key is ready: the environment variable')
    await say(config, 'before')

    await expect(keys(config, 'rotate')).rejects.toMatchObject({
      code: 'next-key-needed',
      mend: expect.stringContaining('--to-env'),
    })
    const toNext = ['rotate', '--to-env', 'HEARTH_TEST_NEXT_KEY']
    await expect(keys(config, ...toNext)).rejects.toMatchObject({ who: 'vault' })
    process.env.HEARTH_TEST_NEXT_KEY = lineOf(1)
    await expect(keys(config, ...toNext)).rejects.toMatchObject({ code: 'master-key-same' })
    process.env.HEARTH_TEST_NEXT_KEY = lineOf(2)
    expect(await keys(config, ...toNext)).toContain('2 data keys were wrapped anew')
    await expect(keys(config, 'status')).rejects.toMatchObject({ code: 'master-key-wrong' })
    process.env.HEARTH_TEST_KEY = lineOf(2)
    expect(await keys(config, 'status')).toContain('The master key is the right one')
  })

  it('never prints a key', async () => {
    await using database = await postgresDatabase()
    const config = await configOf(database)
    const output = [
      await keys(config, 'init'),
      await keys(config, 'status'),
      await keys(config, 'rotate'),
    ].join('')
    expect(output).not.toMatch(/[A-Za-z0-9_-]{43}/)
  })
})
