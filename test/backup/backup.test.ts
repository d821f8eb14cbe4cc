import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBackup, writeKeyFile } from '../../src/backup/create.ts'
import { readKeys } from '../../src/backup/key-file.ts'
import { openBackup } from '../../src/backup/read.ts'
import { restoreBackup } from '../../src/backup/restore.ts'
import { verifyBackup } from '../../src/backup/verify.ts'
import { externalId } from '../../src/core/ids.ts'
import { openTestStore } from '../store/harness.ts'
import { plant } from '../store/planted-person.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases, type TestDatabase } from '../support/databases.ts'

const never = new AbortController().signal
const ada = { externalId: externalId('@ada:home'), displayName: 'Ada' }
const eve = { externalId: externalId('@eve:home'), displayName: 'Eve' }

describe.each(databases)('a backup of $name', (kind) => {
  let origin: Awaited<ReturnType<typeof openTestStore>>
  let planted: Awaited<ReturnType<typeof plant>>
  let folder: string
  let content: string
  let keys: string
  const other = databases.find(({ name }) => name !== kind.name) ?? kind

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hearth-backup-'))
    content = path.join(folder, 'one.backup')
    keys = path.join(folder, 'keys.json')
    origin = await openTestStore(kind)
    planted = await plant(origin, eve, ada)
    await createBackup(origin, { content, keys }, new Date(), never)
  })
  afterAll(async () => {
    await origin?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function restoreInto(place: TestDatabase, from = content) {
    await using backup = await openBackup(from)
    await using database = await place.open()
    const keyRows = readKeys(await readFile(keys, 'utf8'))
    return await restoreBackup(database, backup, keyRows, origin.masterKey, never)
  }
  const verify = async (file: string) => {
    await using backup = await openBackup(file)
    return await verifyBackup(backup, origin.vault)
  }

  it('is put back as it was, to the last row, also into the other kind of database', async () => {
    const before = await dumpDatabase(origin.database, 'ours')
    for (const { make } of [kind, other]) {
      await using place = await make()
      expect(await restoreInto(place)).toMatchObject({ erased: 0 })
      await using database = await place.open()
      const after = await dumpDatabase(database, 'ours')
      for (const [table, rows] of before) {
        if (table === 'public.hearth_migrations') continue
        expect(rows.length, table).toBeGreaterThan(0)
        expect(after.get(table), table).toEqual(rows)
      }
      const disabled = await database.script(({ query }) =>
        query("select tgname from pg_trigger where not tgisinternal and tgenabled = 'D'", []),
      )
      expect(disabled).toEqual([])
    }
  })

  it('has nothing in it that could be read, and no key', async () => {
    const bytes = await readFile(content)
    const ids = [planted.person, planted.groupRoom.id]
    for (const word of ['Mirzl', 'messages', 'keyring', ...ids]) expect(bytes.includes(word)).toBe(false)
    const { dataKeys } = readKeys(await readFile(keys, 'utf8'))
    expect(JSON.stringify(dataKeys)).toContain(planted.person)
  })

  it('is read only when it is whole, and by its own keys', async () => {
    const { rows, tables } = await verify(content)
    expect(rows).toBeGreaterThan(30)
    expect(tables).toBeGreaterThan(20)
    const bytes = await readFile(content)
    const bent = path.join(folder, 'bent.backup')
    const headerEnd = bytes.indexOf('}') + 1
    const places = [
      headerEnd - 5,
      headerEnd + 1,
      headerEnd + 9,
      Math.floor(bytes.length / 2),
      bytes.length - 1,
    ]
    for (const at of places) {
      const copy = Buffer.from(bytes)
      copy[at]! ^= 1
      await writeFile(bent, copy)
      await expect(verify(bent), `byte ${at}`).rejects.toMatchObject({ code: 'backup-damaged' })
    }
    await writeFile(bent, bytes)
    for (const left of [bytes.length - 1, headerEnd + 200, headerEnd]) {
      await truncate(bent, left)
      await expect(verify(bent), `${left} bytes`).rejects.toMatchObject({ code: 'backup-damaged' })
    }
    await writeFile(bent, 'PK\x03\x04 a zip')
    await expect(verify(bent)).rejects.toMatchObject({ code: 'backup-foreign' })
    await using stranger = await openTestStore(kind)
    await using backup = await openBackup(content)
    await expect(verifyBackup(backup, stranger.vault)).rejects.toMatchObject({ code: 'backup-other-keys' })
  })

  it('is put into an empty database alone, whole or not at all, and can be tried again', async () => {
    await using place = await kind.make()
    const cut = path.join(folder, 'cut.backup')
    const bytes = await readFile(content)
    await writeFile(cut, bytes.subarray(0, bytes.length - 20))
    await expect(restoreInto(place, cut)).rejects.toMatchObject({ code: 'backup-damaged' })
    expect((await restoreInto(place)).rows).toBeGreaterThan(30)
    await expect(restoreInto(place)).rejects.toMatchObject({ code: 'backup-not-empty' })
    expect(() => readKeys('{"hearthKeys":1}')).toThrow(expect.objectContaining({ code: 'backup-no-keys' }))
  })

  // The last one: from here on Eve is gone.
  it('cannot be read for who was erased since, and has nothing of them when it is put back', async () => {
    await origin.store.people.erase(planted.person, planted.records)
    await writeKeyFile(origin.database, keys)
    expect(await readFile(keys, 'utf8')).not.toContain(planted.person)
    await using place = await kind.make()
    expect(await restoreInto(place)).toMatchObject({ erased: 1 })
    await using database = await place.open()
    const left = await database.script(async ({ query }) => {
      const rows = await query(
        'select participant_id as id from messages where participant_id is not null',
        [],
      )
      return rows.map(({ id }) => id)
    })
    expect(left).not.toContain(planted.person)
    expect(left.length).toBeGreaterThan(0)
    const dump = [...(await dumpDatabase(database, 'ours')).values()].flat().join('\n')
    expect(dump).not.toContain(planted.person)
  })
})
