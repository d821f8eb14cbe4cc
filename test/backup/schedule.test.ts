import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRound } from '../../src/backup/schedule.ts'
import { externalId } from '../../src/core/ids.ts'
import { openTestStore, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'

const never = new AbortController().signal
let origin: Awaited<ReturnType<typeof openTestStore>>
let home: string
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'hearth-backups-'))
  origin = await openTestStore(databases[1])
})
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

it('makes one when it is due, keeps as many as it is told, and has the key file follow the keys', async () => {
  let at = new Date('2026-11-26T03:00:00Z')
  const config = {
    folder: path.join(home, 'all'),
    keys: path.join(home, 'keys.json'),
    everyHours: 6,
    keep: 2,
  }
  const logged: string[] = []
  const log = { info: (what: string) => void logged.push(what) } as never
  const start = () => createRound(config, { ...origin, log, now: () => at })
  const names = async () => (await readdir(config.folder)).sort()
  const keys = () => readFile(config.keys, 'utf8')

  let round = start()
  await round(never)
  expect(await names()).toEqual(['hearth-2026-11-26T03-00-00Z.backup'])
  // Somebody else's files stay.
  await writeFile(path.join(config.folder, 'hearth-old.backup'), '')
  at = new Date('2026-11-26T08:59:59Z')
  round = start()
  await round(never)
  expect(await names()).toHaveLength(2)

  await using other = await origin.database.lock('backup')
  at = new Date('2026-11-26T09:00:00Z')
  await round(never)
  expect(await names()).toHaveLength(2)
  await other?.[Symbol.asyncDispose]()
  await round(never)
  at = new Date('2026-11-26T15:00:00Z')
  await round(never)
  expect(await names()).toEqual([
    'hearth-2026-11-26T09-00-00Z.backup',
    'hearth-2026-11-26T15-00-00Z.backup',
    'hearth-old.backup',
  ])
  expect(logged).toHaveLength(3)

  const sender = { externalId: externalId('@eve:home'), displayName: 'Eve' }
  await scene(origin).say('Here I am.', { sender })
  const person = (await origin.store.people.list())[0]!.id
  expect(await keys()).not.toContain(person)
  await round(never)
  expect(await keys()).toContain(person)
  await origin.store.people.erase(person, [])
  await round(never)
  expect(await keys()).not.toContain(person)
  expect(await names()).toHaveLength(3)
})
