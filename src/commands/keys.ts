import type { Command } from 'commander'
import { type HearthError, vaultError } from '../core/errors.ts'
import type { Config } from '../ops/config.ts'
import { openDatabase, openDatabaseIfThere } from '../storage.ts'
import type { Database } from '../store/database.ts'
import { createKeyRepository } from '../store/key-repository.ts'
import { migrate, migrationStatus } from '../store/migrate.ts'
import type { KeyRepository } from '../vault/key-repository.ts'
import { type MasterKeySource, makeKeyCommand, nameSource } from '../vault/master-key.ts'
import { type Rotation, rotateKeyFile, rotateTo } from '../vault/rotate.ts'
import { checkKeyForNew, readKeyStatus, unlock } from '../vault/unlock.ts'

export interface KeysContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

interface Opened {
  readonly database: Database
  readonly repository: KeyRepository
  readonly source: MasterKeySource
}

/** Adds `keys init|status|rotate`. They throw `HearthError`. */
export function addKeysCommand(program: Command, { config, write, signal }: KeysContext): void {
  const keys = program.command('keys').description('look after the master key')

  const withKeys = async (work: (opened: Opened) => Promise<void>): Promise<void> => {
    const settings = await config()
    await using database = await openDatabase(settings)
    await work({ database, repository: createKeyRepository(database), source: settings.masterKey })
  }

  keys
    .command('init')
    .description('make the master key where there is none yet, and lock the database with it')
    .action(() =>
      withKeys(async ({ database, repository, source }) => {
        const before = await statusOf(database, repository, source, signal)
        if (before.state === 'ready')
          return write(`There is a master key already: ${describe(source, before.masterId)}\n`)
        if (before.state === 'new') await checkKeyForNew(source, signal)
        await migrate(database)
        await using _vault = await unlock(repository, source, { createIfMissing: true }, signal)
        const after = await readKeyStatus(repository, source, signal)
        write(`The master key is ready: ${describe(source, after.masterId)}\n${advice}`)
      }),
    )

  keys
    .command('status')
    .description('show whether the master key is that of the database')
    .action(async () => {
      const { masterKey: source, ...settings } = await config()
      await using database = await openDatabaseIfThere(settings)
      if (database === undefined) return write(`${states.new}: ${nameSource(source)}\n`)
      const { state, masterId } = await statusOf(database, createKeyRepository(database), source, signal)
      write(`${states[state]}: ${describe(source, masterId)}\n`)
    })

  keys
    .command('rotate')
    .description('replace the master key; what is stored is not encrypted anew, only the keys to it')
    .option('--to-env <name>', 'the environment variable that holds the new key (where the key is no file)')
    .action(async ({ toEnv }: { readonly toEnv?: string }) =>
      withKeys(async ({ database, repository, source }) => {
        if ((await migrationStatus(database)).applied.length === 0) throw nothingToRotate()
        const rotation = await rotate(repository, source, toEnv, signal)
        write(
          `The master key ${rotation.from} was replaced by ${rotation.to}; ${rotation.dataKeys} data keys were wrapped anew.\n`,
        )
        write(`Restart every running Hearth.\n${advice}`)
      }),
    )
}

async function rotate(
  repository: KeyRepository,
  source: MasterKeySource,
  toEnv: string | undefined,
  signal: AbortSignal,
): Promise<Rotation> {
  if (toEnv !== undefined) return await rotateTo(repository, source, { env: toEnv }, signal)
  if ('file' in source) return await rotateKeyFile(repository, source.file, signal)
  throw vaultError('The master key is not in a file, so its next one cannot be made here.', {
    code: 'next-key-needed',
    mend: `Make one with: ${makeKeyCommand}, put it into a variable, and name that with --to-env.`,
  })
}

const nothingToRotate = (): HearthError =>
  vaultError('There is nothing to rotate: the database has no master key yet.', {
    code: 'master-key-missing',
    mend: 'Make one with: npx hearth keys init',
  })

const states = {
  new: 'The database has no master key yet',
  ready: 'The master key is the right one',
  'half-rotated': 'A rotation was cut off; the next start finishes it',
} as const

const advice = 'Keep a copy of it away from this machine: without it nothing in the database can be read.\n'

function describe(source: MasterKeySource, id: string | undefined): string {
  return id === undefined ? nameSource(source) : `${nameSource(source)} (${id})`
}

/** A database that was never migrated has no keyring to ask. */
async function statusOf(
  database: Database,
  repository: KeyRepository,
  source: MasterKeySource,
  signal: AbortSignal,
): ReturnType<typeof readKeyStatus> {
  const { applied } = await migrationStatus(database)
  return applied.length === 0
    ? { state: 'new', masterId: undefined }
    : readKeyStatus(repository, source, signal)
}
