import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import type { Database, Script } from '../store/database.ts'
import { contentTables } from '../store/tables.ts'
import type { Vault } from '../vault/vault.ts'
import { cannotWriteBackup } from './errors.ts'
import { type BackupHeader, keyIdOf } from './header.ts'
import { writeKeys } from './key-file.ts'
import { endLine, rowLine, tableLine } from './rows.ts'
import { sealStream } from './sealed-file.ts'

export interface BackupFiles {
  readonly content: string
  /** Of the data keys; what is there is replaced, so that who is erased is in no older copy of it. */
  readonly keys: string
}

export interface BackupReport {
  readonly rows: number
  readonly tables: number
  readonly bytes: number
}

/**
 * Writes everything but the keyring into one file, sealed once more, and the keyring into another, both as they were
 * at one moment; nobody waits for it on a server, and the built-in database serves nobody else meanwhile. Neither file
 * is there before it is whole. Throws `HearthError`, and what the aborted signal throws.
 */
export async function createBackup(
  { database, vault }: { readonly database: Database; readonly vault: Vault },
  files: BackupFiles,
  now: Date,
  signal: AbortSignal,
): Promise<BackupReport> {
  return await database.script(async (script) => {
    await script.exec('set transaction isolation level repeatable read read only')
    const migrations = await script.query('select name from hearth_migrations order by name', [])
    const salt = randomBytes(16).toString('base64')
    const key = vault.lookup({ kind: 'backup', salt })
    const header: BackupHeader = {
      salt,
      keyId: keyIdOf(key),
      madeAt: now.toISOString(),
      migrations: migrations.map(({ name }) => String(name)),
    }
    const counts: Record<string, number> = {}
    const lines = dump(script, counts, signal)
    const bytes = await writeWhole(files.content, (write) =>
      pipeline(
        lines,
        createZstdCompress(),
        async (packed: AsyncIterable<Uint8Array>) => {
          for await (const sealed of sealStream(header, key, packed)) await write(sealed)
        },
        { signal },
      ),
    )
    const keys = await writeKeys(script)
    await writeWhole(files.keys, (write) => write(Buffer.from(keys)))
    const numbers = Object.values(counts)
    return { rows: numbers.reduce((sum, count) => sum + count, 0), tables: numbers.length, bytes }
  })
}

/** The key file alone, as it is now. Throws `HearthError`. */
export async function writeKeyFile(database: Database, path: string): Promise<void> {
  const keys = await database.script(writeKeys)
  await writeWhole(path, (write) => write(Buffer.from(keys)))
}

/** So many bytes of rows are asked for at once, as far as the rows before tell. */
const pageBytes = 4 << 20
const rowsMost = 2_000

async function* dump(
  { exec, query }: Script,
  counts: Record<string, number>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (const table of await contentTables({ query })) {
    yield tableLine(table)
    let count = 0
    let most = 1
    await exec(`declare dump no scroll cursor for select row_to_json(t)::text as row from "${table}" t`)
    for (;;) {
      signal.throwIfAborted()
      const rows = await query(`fetch ${most} from dump`, [])
      if (rows.length === 0) break
      const page = rows.map(({ row }) => rowLine(String(row)))
      yield page.join('')
      count += rows.length
      const size = page.reduce((sum, line) => sum + line.length, 0) / rows.length
      most = Math.max(1, Math.min(rowsMost, most * 8, Math.floor(pageBytes / size)))
    }
    await exec('close dump')
    counts[table] = count
  }
  yield endLine(counts)
}

/** Under another name until it is whole. Returns its bytes. */
async function writeWhole(path: string, fill: (write: Write) => Promise<unknown>): Promise<number> {
  const part = `${path}.part`
  try {
    await rm(part, { force: true })
    const file = await open(part, 'wx', 0o600)
    let size = 0
    try {
      await fill(async (bytes) => {
        await file.appendFile(bytes)
        size += bytes.length
      })
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
    return size
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined)
    if (error instanceof Error && 'syscall' in error) throw cannotWriteBackup(path, error)
    throw error
  }
}

type Write = (bytes: Uint8Array) => Promise<void>
