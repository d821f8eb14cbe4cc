import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HearthError } from '../core/errors.ts'
import { makeFolder } from '../files/make-folder.ts'
import { errnoOf, failure } from './errors.ts'
import { type MasterKey, newMasterKeyLine, parseMasterKey } from './master-key.ts'

const posix = process.platform !== 'win32'
const readMaxBytes = 4096
const othersMask = 0o077

function unreadable(file: string, cause: unknown): HearthError {
  return failure(
    'master-key-unreadable',
    `The master key file ${file} cannot be read (${errnoOf(cause)}).`,
    'Make it a file that belongs to the user who runs Hearth, of mode 600.',
    cause,
  )
}

function unwritable(file: string, cause: unknown): HearthError {
  return failure(
    'master-key-unwritable',
    `The master key file ${file} cannot be written (${errnoOf(cause)}).`,
    'Set masterKey.file to a place where Hearth may write and that has room.',
    cause,
  )
}

/** Foreign throws become `translate`'s; our own go on as they are. */
async function translated<T>(
  file: string,
  translate: (file: string, cause: unknown) => HearthError,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof HearthError ? error : translate(file, error)
  }
}

async function readPrivate(handle: FileHandle, file: string): Promise<string> {
  const stats = await handle.stat()
  if (!stats.isFile()) {
    throw failure(
      'master-key-unreadable',
      `The master key file ${file} is no file.`,
      'Name a file in masterKey.file.',
    )
  }
  if (posix && (stats.mode & othersMask) !== 0) {
    throw failure(
      'master-key-exposed',
      `Other users of this machine may read the master key file ${file}.`,
      `chmod 600 ${file} (where that has no effect, keep the file on another file system)`,
    )
  }
  const buffer = Buffer.alloc(readMaxBytes)
  const { bytesRead } = await handle.read(buffer, 0, readMaxBytes, 0)
  const text = buffer.toString('utf8', 0, bytesRead)
  buffer.fill(0)
  return text
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK a named pipe in the file's place would hold up the start for ever.
    return await open(file, constants.O_RDONLY | (posix ? constants.O_NONBLOCK : 0))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The key in a file that only its owner may read; `undefined` when there is no such file.
 * Throws `master-key-exposed`, `master-key-unreadable` or `master-key-malformed`.
 */
export function readKeyFile(file: string): Promise<MasterKey | undefined> {
  return translated(file, unreadable, async () => {
    await using handle = await openIfThere(file)
    return handle && parseMasterKey(await readPrivate(handle, file), { file })
  })
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and makes its entries durable by itself.
  if (!posix) return
  await using handle = await open(folder, constants.O_RDONLY)
  await handle.sync()
}

async function writeDurably(file: string, line: string): Promise<void> {
  await using handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  const { mode } = await handle.stat()
  if (posix && (mode & othersMask) !== 0) {
    throw failure(
      'master-key-exposed',
      `The file system under ${file} keeps no permissions: other users could read a master key there.`,
      'Set masterKey.file to a place on a file system that keeps permissions.',
    )
  }
  await handle.writeFile(`${line}\n`)
  await handle.sync()
}

/**
 * Makes a new key and its file, durable and of mode 0600; `undefined` when the file exists: a key
 * file is never overwritten. Throws `master-key-unwritable` or `master-key-exposed`.
 *
 * The line is written to another name first and then linked, so that the file is there with all of
 * its content or not at all, for a process that starts at the same time as well as after a crash.
 */
export function createKeyFile(file: string): Promise<MasterKey | undefined> {
  return translated(file, unwritable, async () => {
    const folder = dirname(file)
    makeFolder(folder, 0o700)
    const line = newMasterKeyLine()
    const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`
    try {
      await writeDurably(draft, line)
      await link(draft, file)
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return undefined
      throw error
    } finally {
      await rm(draft, { force: true })
    }
    await syncFolder(folder)
    return parseMasterKey(line, { file })
  })
}

/** Where a rotation keeps the new key until the database has taken it. */
export function nextKeyFile(file: string): string {
  return `${file}.new`
}

export async function hasNextKey(file: string): Promise<boolean> {
  return lstat(nextKeyFile(file)).then(
    () => true,
    () => false,
  )
}

/**
 * DANGER: the next key may be the only one that opens the database. Call this only inside the
 * keyring's lock, after seeing there that the database still has the old key.
 */
export function removeNextKey(file: string): Promise<void> {
  return translated(nextKeyFile(file), unwritable, () => rm(nextKeyFile(file), { force: true }))
}

/**
 * Puts the next key in the place of the old one. Another process that starts now does the same, so
 * it is no failure when the next key is gone and the file already holds it.
 */
export function promoteNextKey(file: string, nextId: string): Promise<void> {
  return translated(file, unwritable, async () => {
    try {
      await rename(nextKeyFile(file), file)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && (await readKeyFile(file))?.id === nextId) return
      throw error
    }
    await syncFolder(dirname(file))
  })
}
