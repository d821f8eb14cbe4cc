import { existsSync } from 'node:fs'
import type { Config } from './ops/config.ts'
import { makeDataFolder } from './ops/data-folder.ts'
import type { Database } from './store/database.ts'
import { createKeyRepository } from './store/key-repository.ts'
import { migrate, migrationStatus } from './store/migrate.ts'
import { openPglite, pgliteFolder } from './store/pglite.ts'
import { openPostgres } from './store/postgres.ts'
import { openStore, type Store } from './store/store.ts'
import { checkKeyForNew, readKeyStatus, unlock } from './vault/unlock.ts'
import type { Vault } from './vault/vault.ts'

export type StorageConfig = Pick<Config, 'data' | 'database' | 'masterKey'>

export interface Storage extends AsyncDisposable {
  readonly database: Database
  readonly vault: Vault
  readonly store: Store
}

type DatabaseConfig = Pick<StorageConfig, 'data' | 'database'>

/** The database that the configuration names, as it is; the built-in one is made where it is missing. */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.database !== undefined) return openPostgres(config.database)
  makeDataFolder(config.data)
  return openPglite(config.data)
}

/** The same for who only looks: undefined where the built-in one has not been made yet. */
export async function openDatabaseIfThere(config: DatabaseConfig): Promise<Database | undefined> {
  return isThere(config) ? await openDatabase(config) : undefined
}

const isThere = ({ data, database }: DatabaseConfig): boolean =>
  database !== undefined || existsSync(pgliteFolder(data))

/**
 * Database, vault and store, ready to use. Nothing is written before the master key has proved to be the
 * right one, or one that an empty database can be locked with. Throws `HearthError`.
 */
export async function openStorage(config: StorageConfig, signal: AbortSignal): Promise<Storage> {
  const made = isThere(config)
  if (!made) await checkKeyForNew(config.masterKey, signal)
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openDatabase(config))
  const keys = createKeyRepository(database)
  const { applied } = await migrationStatus(database)
  if (applied.length > 0) await readKeyStatus(keys, config.masterKey, signal)
  else if (made) await checkKeyForNew(config.masterKey, signal)
  await migrate(database)
  const opened = stack.use(await unlocked(database, config, signal))
  const owned = stack.move()
  return { ...opened, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/**
 * The same for who only looks, and changes nothing: undefined where the database lacks a migration, or has no
 * key yet. Throws `HearthError`.
 */
export async function openStorageIfReady(
  database: Database,
  config: StorageConfig,
  signal: AbortSignal,
): Promise<Storage | undefined> {
  if ((await migrationStatus(database)).pending.length > 0) return undefined
  const { state } = await readKeyStatus(createKeyRepository(database), config.masterKey, signal)
  return state === 'ready' ? await unlocked(database, config, signal) : undefined
}

async function unlocked(database: Database, config: StorageConfig, signal: AbortSignal): Promise<Storage> {
  await using stack = new AsyncDisposableStack()
  const keys = createKeyRepository(database)
  const vault = stack.use(await unlock(keys, config.masterKey, { createIfMissing: true }, signal))
  const store = stack.use(await openStore(database, vault))
  const owned = stack.move()
  return { database, vault, store, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
