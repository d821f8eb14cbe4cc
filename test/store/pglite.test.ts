import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openPglite } from '../../src/store/pglite.ts'

it('a damaged folder is refused with what to do, and left as it is', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-damaged-'))
  try {
    await (await openPglite(folder))[Symbol.asyncDispose]()
    const damaged = path.join(folder, 'pglite/global/pg_control')
    await writeFile(damaged, 'nonsense')
    const error = await openPglite(folder).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'database-damaged', mend: expect.stringContaining('move it away') })
    expect(await readFile(damaged, 'utf8')).toBe('nonsense')
    // The lock went with the attempt: whoever puts a copy in place can go on.
    await rm(path.join(folder, 'pglite'), { recursive: true })
    await (await openPglite(folder))[Symbol.asyncDispose]()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
