import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Dump } from './database-dump.ts'

/** Where words with a mark in them can be found again. Each finding says where, and what follows the mark. */
export interface Search {
  readonly inText: (where: string, text: string) => readonly string[]
  readonly inDump: (dump: Dump) => readonly string[]
  /** Every file below the folder, and their names. */
  readonly inFolder: (folder: string) => Promise<readonly string[]>
}

const shownBytes = 40

/** Looks for the mark in UTF-8 and in both orders of UTF-16; in rows also in what their bytea columns hold. */
export function searchFor(mark: string): Search {
  const little = Buffer.from(mark, 'utf16le')
  const needles = [Buffer.from(mark), little, Buffer.from(little).swap16()]

  function inBytes(where: string, bytes: Buffer): readonly string[] {
    const found: string[] = []
    for (const needle of needles) {
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
        const shown = bytes.toString('latin1', at, at + needle.length + shownBytes)
        found.push(`${where}: ${shown.replace(/[^\x20-\x7e]/g, '')}`)
      }
    }
    return found
  }
  const inText = (where: string, text: string) => inBytes(where, Buffer.from(text))

  return {
    inText,
    inDump: (dump) =>
      Array.from(dump, ([table, rows]) =>
        rows.flatMap((row) => [
          ...inText(table, row),
          ...Array.from(row.matchAll(/\\x((?:[0-9a-f]{2})+)/g), ([, hex = '']) =>
            inBytes(`${table}, decoded`, Buffer.from(hex, 'hex')),
          ).flat(),
        ]),
      ).flat(),
    async inFolder(folder) {
      const found: string[] = []
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      for (const entry of entries) {
        const file = path.join(entry.parentPath, entry.name)
        found.push(...inText('the names of files', path.relative(folder, file)))
        if (!entry.isFile()) continue
        // A database that runs takes files away while it is looked at.
        const bytes = await readFile(file).catch(() => Buffer.alloc(0))
        found.push(...inBytes(path.relative(folder, file), bytes))
      }
      return found
    },
  }
}
