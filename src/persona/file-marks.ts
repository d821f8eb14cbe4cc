import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { avatarFiles } from './avatar.ts'
import { cardFiles } from './card-file.ts'
import { loreFolder, sharedLoreFolder } from './lore-folder.ts'
import { personaFile } from './place.ts'

const ownFiles: readonly string[] = [personaFile, ...cardFiles, ...avatarFiles]

/**
 * What tells whether any file that a persona is read from has changed since: names, sizes and times. The same where
 * nothing was touched; undefined where the folder is gone or cannot be read.
 */
export async function fileMarks(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder).catch(() => undefined)
  if (entries === undefined) return undefined
  const books = entries.includes(loreFolder) ? await booksIn(folder, loreFolder) : []
  const shared = await booksIn(folder, join('..', sharedLoreFolder))
  const files = [...ownFiles.filter((name) => entries.includes(name)), ...books, ...shared]
  return (await Promise.all(files.map((name) => markOf(folder, name)))).join('\n')
}

async function booksIn(folder: string, lore: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, lore)).catch(() => [])
  return names
    .filter((name) => /\.json$/i.test(name))
    .sort()
    .map((name) => join(lore, name))
}

/** With the time of the last change of the file's entry: a copy may keep the time of its text. */
async function markOf(folder: string, name: string): Promise<string> {
  const about = await stat(join(folder, name), { bigint: true }).catch(() => undefined)
  return about === undefined ? name : `${name} ${about.ino} ${about.size} ${about.mtimeNs} ${about.ctimeNs}`
}
