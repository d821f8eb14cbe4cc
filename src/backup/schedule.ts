import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '../files/make-folder.ts'
import type { BackupConfig } from '../ops/config.ts'
import type { Log } from '../ops/log.ts'
import type { Database } from '../store/database.ts'
import type { Vault } from '../vault/vault.ts'
import { createBackup, writeKeyFile } from './create.ts'
import { keysStamp } from './key-file.ts'

export interface BackupTools {
  readonly database: Database
  readonly vault: Vault
  readonly log: Log
  readonly now: () => Date
}

const pollMs = 60_000
const hourMs = 60 * 60_000
/** After one that failed. */
const againMs = 15 * 60_000
const suffix = '.backup'
const namePattern = /^hearth-(\d{4}-\d{2}-\d{2}T\d{2})-(\d{2})-(\d{2})Z\.backup$/

/** `hearth-2026-11-26T03-00-00Z.backup`: names sort as their times do. */
export const backupName = (at: Date): string =>
  `hearth-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z${suffix}`

/** One look at whether something is to be done: a backup, where one is due, and a new key file, where keys have changed. */
export function createRound(
  config: BackupConfig,
  tools: BackupTools,
): (signal: AbortSignal) => Promise<void> {
  const { database, vault, log, now } = tools
  let keysWere: string | undefined

  return async (signal) => {
    // Of several processes one does it.
    await using lock = await database.lock('backup')
    if (lock === undefined) return
    makeFolder(config.folder, 0o700)
    if (now().getTime() >= (await dueAtMs(config))) {
      const content = join(config.folder, backupName(now()))
      const { rows, bytes } = await createBackup(
        { database, vault },
        { content, keys: config.keys },
        now(),
        signal,
      )
      log.info('a backup is made', { rows, bytes })
      for (const name of (await existing(config.folder)).slice(0, -config.keep))
        await rm(join(config.folder, name), { force: true })
    }
    // Whoever was erased since then is to be in no copy of the keys.
    const stamp = await database.script(keysStamp)
    if (stamp !== keysWere) await writeKeyFile(database, config.keys)
    keysWere = stamp
  }
}

/** Makes backups for as long as this process runs. What goes wrong is logged, and tried again. */
export function startBackups(config: BackupConfig, tools: BackupTools): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const round = createRound(config, tools)

  const running = (async () => {
    while (!signal.aborted) {
      let waitMs = pollMs
      await round(signal).catch((error: unknown) => {
        if (signal.aborted) return
        waitMs = againMs
        tools.log.error('a backup could not be made', error)
      })
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  })()

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

const existing = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => namePattern.test(name)).sort()

async function dueAtMs({ folder, everyHours }: BackupConfig): Promise<number> {
  const last = (await existing(folder)).at(-1)
  const parts = namePattern.exec(last ?? '')
  if (parts === null) return 0
  return Date.parse(`${parts[1]}:${parts[2]}:${parts[3]}Z`) + everyHours * hourMs
}
