import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { HearthError } from '../core/errors.ts'
import type { Vault } from '../vault/vault.ts'
import { backupFault } from './errors.ts'
import { type BackupHeader, keyIdOf, readHeader } from './header.ts'
import { type Line, readRows } from './rows.ts'
import { openSealedFile, type SealedFile, SealedFileFault } from './sealed-file.ts'

export interface Backup extends AsyncDisposable {
  readonly header: BackupHeader
  /** To its end, which proves that it is whole. */
  readLines(vault: Pick<Vault, 'lookup'>, onLine: (line: Line) => Promise<void> | void): Promise<void>
}

/** Throws `HearthError`, also later, and what the file system throws. */
export async function openBackup(path: string): Promise<Backup> {
  const file = await told(() => openSealedFile(path))
  return {
    header: readHeader(file.header),
    readLines: (vault, onLine) => told(() => readAll(file, vault, onLine)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

async function readAll(
  file: SealedFile,
  vault: Pick<Vault, 'lookup'>,
  onLine: (line: Line) => Promise<void> | void,
): Promise<void> {
  const { salt, keyId } = readHeader(file.header)
  const key = vault.lookup({ kind: 'backup', salt })
  if (keyIdOf(key) !== keyId) throw backupFault('other-keys')
  await pipeline(file.open(key), createZstdDecompress(), async (content: AsyncIterable<Uint8Array>) => {
    for await (const line of readRows(content)) await onLine(line)
  })
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SealedFileFault) throw backupFault(error.fault, error)
    if (error instanceof HearthError) throw error
    // What was sealed is as it was: only what was never a backup can be unpacked or read no further.
    if (error instanceof SyntaxError || (error instanceof Error && 'errno' in error && !('syscall' in error)))
      throw backupFault('damaged', error)
    throw error
  }
}
