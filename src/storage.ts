import type { Config } from './ops/config.ts'
import { makeDataFolder } from './ops/data-folder.ts'
import type { Database } from './store/database.ts'
import { createKeyRepository } from './store/key-repository.ts'
import { migrate, migrationStatus } from './store/migrate.ts'
import { openPglite } from './store/pglite.ts'
import { openPostgres } from './store/postgres.ts'
import { openStore, type Store } from './store/store.ts'
import { readKeyStatus, unlock } from './vault/unlock.ts'
import type { Vault } from './vault/vault.ts'

export type StorageConfig = Pick<Config, 'data' | 'database' | 'masterKey'>

export interface Storage extends AsyncDisposable {
  readonly database: Database
  readonly vault: Vault
  readonly store: Store
}

/** The database that the configuration names, as it is. */
export async function openDatabase(config: Pick<StorageConfig, 'data' | 'database'>): Promise<Database> {
  if (config.database !== undefined) return openPostgres(config.database)
  makeDataFolder(config.data)
  return openPglite(config.data)
}

/**
 * Database, vault and store, ready to use. A database that has been used before is written to only
 * after the master key has proved to be the right one. Throws `HearthError`.
 */
export async function openStorage(config: StorageConfig, signal: AbortSignal): Promise<Storage> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openDatabase(config))
  const keys = createKeyRepository(database)
  const { applied } = await migrationStatus(database)
  if (applied.length > 0) await readKeyStatus(keys, config.masterKey, signal)
  await migrate(database)
  const vault = stack.use(await unlock(keys, config.masterKey, { createIfMissing: true }, signal))
  const store = stack.use(await openStore(database, vault))
  const owned = stack.move()
  return { database, vault, store, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
