import type { Vault } from '../vault/vault.ts'
import { backupFault } from './errors.ts'
import type { Backup } from './read.ts'

export interface VerifyReport {
  readonly madeAt: Date
  readonly rows: number
  readonly tables: number
}

/** Reads all of it, as restoring it would, and writes nothing. Throws `HearthError` where it is not whole. */
export async function verifyBackup(backup: Backup, vault: Pick<Vault, 'lookup'>): Promise<VerifyReport> {
  let [rows, tables, said] = [0, 0, 0]
  await backup.readLines(vault, (line) => {
    if (line.kind === 'table') tables++
    else if (line.kind === 'row') rows++
    else said = Object.values(line.counts).reduce((sum, count) => sum + count, 0)
  })
  if (rows !== said) throw backupFault('damaged')
  return { madeAt: new Date(backup.header.madeAt), rows, tables }
}
