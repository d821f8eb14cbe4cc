import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** A folder for each test of the file, gone afterwards. */
export function useTemporaryFolder(): (name: string) => string {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearth-vault-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}
