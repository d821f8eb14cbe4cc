import type { Database, Script } from '../store/database.ts'
import { createKeyRepository } from '../store/key-repository.ts'
import { migrate, migrationStatus } from '../store/migrate.ts'
import { openStore } from '../store/store.ts'
import { contentTables } from '../store/tables.ts'
import type { MasterKeySource } from '../vault/master-key.ts'
import { unlock } from '../vault/unlock.ts'
import { backupFault } from './errors.ts'
import type { BackupHeader } from './header.ts'
import { insertKeys, type KeyFile } from './key-file.ts'
import type { Backup } from './read.ts'
import type { Line } from './rows.ts'

export interface RestoreReport {
  readonly rows: number
  /** Who was in the backup and was erased since: nothing of them is left. */
  readonly erased: number
}

/**
 * Puts a backup into an empty database: first the keys, and then all rows or none. It may be begun again after it was
 * cut off. What had been erased since the backup was made is erased once more. Throws `HearthError`.
 */
export async function restoreBackup(
  database: Database,
  backup: Backup,
  keys: KeyFile,
  masterKey: MasterKeySource,
  signal: AbortSignal,
): Promise<RestoreReport> {
  const last = await lastMigration(database, backup.header)
  await migrate(database, undefined, last)
  await database.script(async (script) => {
    for (const table of await contentTables(script)) {
      const [row] = await script.query(`select exists (select 1 from "${table}") as filled`, [])
      if (row?.filled === true) throw backupFault('not-empty')
    }
    await script.exec('delete from keyring.data_keys; delete from keyring.master_keys')
    await insertKeys(script, keys)
  })
  await using vault = await unlock(
    createKeyRepository(database),
    masterKey,
    { createIfMissing: false },
    signal,
  )
  const rows = await database.script((script) =>
    withoutTriggers(script, async (tables) => {
      const writer = createWriter(script, tables)
      await backup.readLines(vault, writer.onLine)
      return writer.rows()
    }),
  )
  await migrate(database)
  await using store = await openStore(database, vault)
  const lost = (await store.people.list()).filter(({ readable }) => !readable)
  for (const { id } of lost) await store.people.erase(id, [])
  return { rows, erased: lost.length }
}

/** Which the database must have had for the rows to fit. Throws where this Hearth does not know it. */
async function lastMigration(database: Database, { migrations }: BackupHeader): Promise<string> {
  const { applied, pending } = await migrationStatus(database)
  const known = [...applied, ...pending]
  const last = migrations.at(-1) ?? ''
  if (migrations.some((name) => !known.includes(name))) throw backupFault('newer')
  if (applied.some((name) => name > last)) throw backupFault('not-empty')
  return last
}

/** What they would do is in the rows already. */
async function withoutTriggers<T>(
  script: Script,
  work: (tables: readonly string[]) => Promise<T>,
): Promise<T> {
  const tables = await contentTables(script)
  for (const table of tables) await script.exec(`alter table "${table}" disable trigger user`)
  const done = await work(tables)
  for (const table of tables) await script.exec(`alter table "${table}" enable trigger user`)
  return done
}

const batchCharacters = 1 << 20

function createWriter({ query }: Script, tables: readonly string[]) {
  const counts: Record<string, number> = {}
  let table: string | undefined
  let waiting: string[] = []
  let characters = 0

  async function flush(): Promise<void> {
    if (waiting.length === 0) return
    await query(`insert into "${table}" select * from json_populate_recordset(null::"${table}", $1::json)`, [
      `[${waiting.join(',')}]`,
    ])
    waiting = []
    characters = 0
  }

  return {
    async onLine(line: Line): Promise<void> {
      if (line.kind === 'row') {
        if (table === undefined) throw backupFault('damaged')
        waiting.push(line.json)
        characters += line.json.length
        counts[table] = (counts[table] ?? 0) + 1
        if (characters >= batchCharacters) await flush()
        return
      }
      await flush()
      if (line.kind === 'table') {
        if (!tables.includes(line.table)) throw backupFault('damaged')
        table = line.table
        counts[table] = 0
      } else if (JSON.stringify(line.counts) !== JSON.stringify(counts)) throw backupFault('damaged')
    },
    rows: () => Object.values(counts).reduce((sum, count) => sum + count, 0),
  }
}
