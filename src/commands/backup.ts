import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { createBackup } from '../backup/create.ts'
import { cannotReadBackup, noPlace } from '../backup/errors.ts'
import { readKeys } from '../backup/key-file.ts'
import { openBackup } from '../backup/read.ts'
import { restoreBackup } from '../backup/restore.ts'
import { backupName } from '../backup/schedule.ts'
import { verifyBackup } from '../backup/verify.ts'
import { makeFolder } from '../files/make-folder.ts'
import type { Config } from '../ops/config.ts'
import { openDatabase, openStorage } from '../storage.ts'

export interface BackupContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

/** Adds `backup create|verify|restore`. They throw `HearthError`. */
export function addBackupCommand(program: Command, { config, write, signal }: BackupContext): void {
  const backup = program.command('backup').description('make backups of the database, and put them back')

  backup
    .command('create')
    .description('write everything but the data keys into one sealed file, and the data keys into another')
    .option('--to <folder>', 'where the backup goes (default: backup.folder in hearth.yaml)')
    .option('--keys <file>', 'where the data keys go (default: backup.keys in hearth.yaml)')
    .action(async (options: { readonly to?: string; readonly keys?: string }) => {
      const settings = await config()
      const folder = options.to ?? settings.backup?.folder
      const keys = options.keys ?? settings.backup?.keys
      if (folder === undefined || keys === undefined) throw noPlace()
      await using storage = await openStorage(settings, signal)
      const now = new Date()
      const content = join(folder, backupName(now))
      makeFolder(folder, 0o700)
      const { rows, tables, bytes } = await createBackup(storage, { content, keys }, now, signal)
      write(`${content} is written: ${rows} rows of ${tables} tables, ${size(bytes)}.\n`)
      write(`${keys} has the data keys. Keep it apart from the backup, and no older copy of it.\n`)
    })

  backup
    .command('verify <file>')
    .description('read a backup to its end, and say whether it is whole')
    .action(async (file: string) => {
      const settings = await config()
      await using storage = await openStorage(settings, signal)
      await using opened = await found(file, () => openBackup(file))
      const { madeAt, rows, tables } = await verifyBackup(opened, storage.vault)
      write(`It is whole: ${rows} rows of ${tables} tables, made at ${madeAt.toISOString()}.\n`)
    })

  backup
    .command('restore <file>')
    .description('put a backup into the database that is configured, which must be empty')
    .requiredOption('--keys <file>', 'the key file, its latest copy')
    .action(async (file: string, { keys: keysPath }: { readonly keys: string }) => {
      const settings = await config()
      await using opened = await found(file, () => openBackup(file))
      const keys = readKeys(await found(keysPath, () => readFile(keysPath, 'utf8')))
      await using database = await openDatabase(settings)
      const { rows, erased } = await restoreBackup(database, opened, keys, settings.masterKey, signal)
      write(`${rows} rows are back, as they were at ${opened.header.madeAt}.\n`)
      if (erased > 0) write(`Erased once more: ${erased} people, who were erased since then.\n`)
      if (settings.matrix !== undefined)
        write('Sign each Matrix account in anew: npx hearth matrix login, then crypto recover.\n')
    })
}

async function found<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw cannotReadBackup(path, error)
    throw error
  }
}

const size = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
