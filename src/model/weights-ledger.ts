import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * Remembers which files of the models folder were checked, so that a start does not read 100 MB again
 * (0.3 s with a warm disk cache, many seconds from a slow disk). A file that was touched since is checked anew.
 */

const ledgerName = 'weights.json'

export interface LedgerEntry {
  readonly bytes: number
  readonly mtimeMs: number
  readonly sha256: string
  /** Where it was fetched from (`describeSource`). */
  readonly source: string
}

export async function readLedgerEntry(folder: string, file: string): Promise<LedgerEntry | undefined> {
  return (await readLedger(folder))[file]
}

/** A folder that cannot be written is no reason to stop: then the next start checks again. */
export async function writeLedgerEntry(folder: string, file: string, entry: LedgerEntry): Promise<void> {
  const ledger = { ...(await readLedger(folder)), [file]: entry }
  const temporary = path.join(folder, `${ledgerName}.${randomUUID()}`)
  try {
    await writeFile(temporary, `${JSON.stringify(ledger, null, 2)}\n`)
    await rename(temporary, path.join(folder, ledgerName))
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

async function readLedger(folder: string): Promise<Readonly<Record<string, LedgerEntry>>> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, ledgerName), 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter(([, entry]) => isEntry(entry)))
  } catch {
    return {}
  }
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false
  const { bytes, mtimeMs, sha256, source } = value as Partial<Record<keyof LedgerEntry, unknown>>
  return (
    typeof bytes === 'number' &&
    typeof mtimeMs === 'number' &&
    typeof sha256 === 'string' &&
    typeof source === 'string'
  )
}
