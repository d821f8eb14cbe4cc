import { chmodSync, closeSync, existsSync, openSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import { HearthError, storeError } from '../core/errors.ts'
import { makeFolder } from '../files/make-folder.ts'
import type { Database } from './database.ts'
import { overPglite } from './drizzle.ts'
import { diskFullError, guarded } from './errors.ts'
import { ownLocks } from './own-locks.ts'
import * as schema from './schema.ts'

const never = new AbortController().signal

/** Where the built-in database lies within the data folder. */
export const pgliteFolder = (data: string): string => path.join(data, 'pglite')

/**
 * Opens the built-in database in a folder, which is made when it is missing (3 s; later 0.3 s).
 * Throws `HearthError`: `database-in-use`, `database-damaged`, `disk-full`, `database-error`.
 */
export async function openPglite(folder: string): Promise<Database> {
  const where = `the built-in database in ${folder}`
  makePlace(folder)
  const lock = lockFolder(folder)
  try {
    const pglite = await start(pgliteFolder(folder), where)
    const db = overPglite(pglite, { schema })
    return {
      kind: 'pglite',
      where,
      drizzle: db,
      relaxed: db,
      statement: (statement, values) =>
        guarded(
          where,
          async () =>
            (await pglite.query<Record<string, unknown>>(statement.text, statement.values(values))).rows,
        ),
      script: (work) =>
        guarded(where, () =>
          pglite.transaction((transaction) =>
            work({
              exec: async (statements) => void (await transaction.exec(statements)),
              query: async (statement, parameters) =>
                (await transaction.query<Record<string, unknown>>(statement, [...parameters])).rows,
            }),
          ),
        ),
      // Nobody else can have this folder open.
      lock: async () => ({ lost: never, contested: never, async [Symbol.asyncDispose]() {} }),
      locks: async () => ownLocks(),
      async listen(channel, onPayload) {
        const unlisten = await guarded(where, () => pglite.listen(channel, onPayload))
        return { [Symbol.asyncDispose]: () => unlisten() }
      },
      async [Symbol.asyncDispose]() {
        await pglite.close()
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    checkRoom(folder)
    throw error
  }
}

function makePlace(folder: string): void {
  try {
    makeFolder(folder, 0o700)
  } catch (cause) {
    throw storeError(`The data folder ${folder} cannot be made.`, {
      code: 'data-folder',
      mend: 'Choose a folder that you may write to, with `data` in hearth.yaml or with HEARTH_DATA.',
      cause,
    })
  }
}

/**
 * PGlite does not notice a second process in its folder; both would destroy it. An exclusive SQLite
 * transaction on a file beside it is a lock of the operating system: it ends with the process,
 * however that ends, and needs neither a process id that may be reused nor a clock.
 */
function lockFolder(folder: string): { close(): void } {
  const file = path.join(folder, 'pglite.lock')
  let lock: DatabaseSync | undefined
  try {
    // Whoever can open it can hold the lock.
    closeSync(openSync(file, 'a', 0o600))
    lock = new DatabaseSync(file)
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
    return lock
  } catch (cause) {
    lock?.close()
    const busy = cause instanceof Error && 'errcode' in cause && cause.errcode === 5
    if (!busy) checkRoom(folder)
    throw busy
      ? storeError(`The data folder ${folder} is already open in another Hearth.`, {
          code: 'database-in-use',
          mend: 'Stop the other one, choose another folder with HEARTH_DATA, or use Postgres (`database`), which several can share.',
        })
      : storeError(`The data folder ${folder} cannot be locked.`, {
          code: 'data-folder',
          mend: `Check that ${file} may be written.`,
          cause,
        })
  }
}

/** The number of the type in Postgres. */
const bytea = 17

/**
 * PGlite's own go from byte to byte: with one photograph of 4 MB nothing else happened in this process for
 * three seconds.
 */
const byteaInHex = {
  serializers: {
    [bytea]: (bytes: Uint8Array) =>
      `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`,
  },
  parsers: { [bytea]: (text: string) => Buffer.from(text.slice('\\x'.length), 'hex') },
}

async function start(folder: string, where: string): Promise<PGlite> {
  const isNew = !existsSync(folder)
  // PGlite makes its files for everybody to read and write: the folder must keep others out.
  makePlace(folder)
  chmodSync(folder, 0o700)
  try {
    return await guarded(where, () => PGlite.create(folder, byteaInHex))
  } catch (error) {
    if (isNew || (error instanceof HearthError && error.code !== 'database-error')) throw error
    throw storeError(`The built-in database in ${folder} cannot be opened: its files are damaged.`, {
      code: 'database-damaged',
      mend: `Put a copy of that folder in its place. Without one, move it away: Hearth then begins anew, and knows nothing of what was said before.`,
      cause: error,
    })
  }
}

/** A new database takes 39 MB, and neither SQLite nor PGlite says that it is the room that was missing. */
const leastBytes = 48 * 1024 * 1024

/** Throws `HearthError` (`disk-full`) where that is likely why `folder` could not be used. */
function checkRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize >= leastBytes) return
  throw diskFullError(`the built-in database in ${folder}`, undefined)
}
