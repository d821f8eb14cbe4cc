import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { matrixAccountId } from '../../adapters/matrix/session.ts'
import { addPersonCommand } from '../../src/commands/person.ts'
import { externalId } from '../../src/core/ids.ts'
import { readConfig } from '../../src/ops/config.ts'
import { readZip } from '../../src/persona/card/zip-read.ts'
import { openStorage } from '../../src/storage.ts'
import { sql } from '../../src/store/drizzle.ts'
import { scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'

const never = new AbortController().signal
const ada = { externalId: externalId('@ada:home'), displayName: 'Ada' }

it('the operator sees how much is kept of whom, and erases them, with what lets them in', async () => {
  await using place = await databases[1].makeMigrated()
  const read = await readConfig({ cwd: place.folder, environment: place.environment }, never)
  const config = {
    ...read,
    matrix: { accounts: [{ user: 'mira' }] } as unknown as NonNullable<typeof read.matrix>,
  }
  const run = async (...words: string[]) => {
    let written = ''
    const program = new Command('hearth').exitOverride()
    const write = (more: string) => {
      written += more
    }
    const [input, output] = [new PassThrough(), new PassThrough()]
    addPersonCommand(program, { config: async () => config, write, input, output, signal: never })
    await program.parseAsync(['person', ...words], { from: 'user' })
    return written.replaceAll(/\d+ \w+ 20\d\d/g, '(day)')
  }
  const inStore = async <T>(work: (storage: Awaited<ReturnType<typeof openStorage>>) => Promise<T>) => {
    await using storage = await openStorage(config, never)
    return await work(storage)
  }
  const { id: account } = await inStore(async (storage) => {
    const here = scene(storage)
    await here.say('My sister marries in May.', { sender: ada })
    const id = matrixAccountId('mira')
    const value = Buffer.from('now')
    await storage.store.records.write(id, [
      { collection: 'approved', key: ada.externalId, value },
      { collection: 'approved', key: '@bob:home', value },
    ])
    return { id }
  })
  expect(await run('list')).toBe('matrix @ada:home  1 messages, 0 facts, since (day)\n')
  const shown = await run('show', 'matrix', '@ada:home')
  expect(shown).toContain('rooms       1 of their own, 0 groups\nmessages    1, and 0 answers')
  expect(shown).toContain('remembering yes\nshared      no\n')
  expect(shown).not.toContain('sister')
  await expect(run('show', 'matrix', '@eve:home')).rejects.toMatchObject({ code: 'nobody' })
  await expect(run('show', 'irc', 'ada')).rejects.toMatchObject({ code: 'no-such-platform' })
  const to = path.join(place.folder, 'ada.zip')
  expect(await run('export', 'matrix', '@ada:home', '--to', to)).toContain('in the clear')
  const zip = readZip(await readFile(to))
  const data = Buffer.from(zip.read('data.json', 100_000) ?? []).toString()
  expect(data).toContain('My sister marries in May.')
  expect(data).toContain('let in, now')
  await expect(run('export', 'matrix', '@ada:home', '--to', to)).rejects.toMatchObject({
    code: 'cannot-write',
  })
  await expect(run('erase', 'matrix', '@ada:home')).rejects.toMatchObject({ code: 'not-confirmed' })
  expect(await run('erase', 'matrix', '@ada:home', '--yes')).toMatch(
    /\nErased at 20.*Z, as [-0-9a-f]{36}\.\n/,
  )
  expect(await run('list')).toBe('Nobody is known yet.\n')
  const approved = await inStore(({ store }) => store.records.read(account, 'approved'))
  expect([...approved.keys()]).toEqual(['@bob:home'])

  // As in a copy of the database from before, with the keys of now.
  await inStore(async (storage) => {
    await scene(storage).say('My sister marries in May.', { sender: ada })
    await storage.database.drizzle.execute(
      sql`delete from keyring.data_keys where owner_kind = 'participant'`,
    )
  })
  expect(await run('list')).toBe('(cannot be read)  1 messages, 0 facts, since (day)\n')
  await expect(run('erase-unreadable')).rejects.toMatchObject({ code: 'not-confirmed' })
  expect(await run('erase-unreadable', '--yes')).toContain('1 people cannot be read.\nErased at ')
  expect(await run('erase-unreadable', '--yes')).toBe('0 people cannot be read.\n')
})
