import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { addBackupCommand } from '../../src/commands/backup.ts'
import { readConfig } from '../../src/ops/config.ts'
import { openStorage } from '../../src/storage.ts'
import { scene } from '../store/harness.ts'
import { databases, type TestDatabase } from '../support/databases.ts'

const never = new AbortController().signal

it('a backup is made, looked through, and put into another database with the same master key', async () => {
  await using place = await databases[1].makeMigrated()
  await using empty = await databases[0].make()
  const configOf = async ({ folder, environment }: TestDatabase) => ({
    ...(await readConfig({ cwd: folder, environment }, never)),
    masterKey: { file: path.join(place.folder, 'master.key') },
  })
  const run = async (into: TestDatabase, ...words: string[]) => {
    let written = ''
    const program = new Command('hearth').exitOverride()
    const write = (more: string) => {
      written += more
    }
    addBackupCommand(program, { config: () => configOf(into), write, signal: never })
    await program.parseAsync(['backup', ...words], { from: 'user' })
    return written
  }
  {
    await using storage = await openStorage(await configOf(place), never)
    await scene(storage).say('My sister marries in May.')
  }
  const [to, keys] = [path.join(place.folder, 'backups'), path.join(place.folder, 'keys.json')]
  await expect(run(place, 'create')).rejects.toMatchObject({ code: 'backup-no-place' })
  await expect(run(place, 'create', '--to', to, '--keys', '/nowhere/keys.json')).rejects.toMatchObject({
    code: 'backup-not-written',
  })
  expect(await run(place, 'create', '--to', to, '--keys', keys)).toMatch(/is written: \d+ rows of \d+ tables/)
  const name = (await readdir(to)).at(-1) ?? ''
  const file = path.join(to, name)
  expect(await run(place, 'verify', file)).toMatch(/^It is whole: \d+ rows/)
  await expect(run(place, 'restore', file, '--keys', keys)).rejects.toMatchObject({
    code: 'backup-not-empty',
  })
  await expect(run(empty, 'restore', `${file}x`, '--keys', keys)).rejects.toMatchObject({
    code: 'backup-not-read',
  })
  await expect(run(empty, 'restore', file, '--keys', file)).rejects.toMatchObject({ code: 'backup-no-keys' })
  expect(await run(empty, 'restore', file, '--keys', keys)).toMatch(/^\d+ rows are back/)
  await using storage = await openStorage(await configOf(empty), never)
  expect(await storage.store.people.list()).toMatchObject([{ readable: true }])
})
