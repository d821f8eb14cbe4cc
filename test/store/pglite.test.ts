import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, inject, it } from 'vitest'
import { openPglite, pgliteFolder } from '../../src/store/pglite.ts'
import { pgliteDatabase } from '../support/databases.ts'

it('a damaged folder is refused with what to do, and left as it is', async () => {
  await using place = await pgliteDatabase()
  const damaged = path.join(pgliteFolder(place.folder), 'global/pg_control')
  await writeFile(damaged, 'nonsense')
  const error = await place.open().catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'database-damaged', mend: expect.stringContaining('move it away') })
  expect(await readFile(damaged, 'utf8')).toBe('nonsense')
  // The lock went with the attempt: whoever puts a copy in place can go on.
  await rm(pgliteFolder(place.folder), { recursive: true })
  await cp(pgliteFolder(inject('pgliteEmpty')), pgliteFolder(place.folder), { recursive: true })
  await (await place.open())[Symbol.asyncDispose]()
})

it('is open to its owner alone, also in a folder that others may read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-open-'))
  try {
    await chmod(folder, 0o755)
    await (await openPglite(folder))[Symbol.asyncDispose]()
    const modes = await Promise.all(
      (await readdir(folder)).map(async (name) => [name, (await stat(path.join(folder, name))).mode & 0o077]),
    )
    expect(Object.fromEntries(modes)).toEqual({ pglite: 0, 'pglite.lock': 0 })
    // As an earlier version left it.
    await chmod(path.join(folder, 'pglite'), 0o755)
    await (await openPglite(folder))[Symbol.asyncDispose]()
    expect((await stat(path.join(folder, 'pglite'))).mode & 0o077).toBe(0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
