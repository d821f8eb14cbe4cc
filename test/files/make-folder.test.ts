import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../../src/files/make-folder.ts'
import { fetchWeights } from '../../src/model/weights.ts'
import { createKeyFile } from '../../src/vault/key-file.ts'

const temp = mkdtempSync(path.join(tmpdir(), 'hearth-folder-'))
afterAll(() => rmSync(temp, { recursive: true }))

describe('a folder', () => {
  it('is made with what is above it, and may be there already', () => {
    const folder = path.join(temp, 'a/b/c')
    makeFolder(folder, 0o700)
    makeFolder(folder, 0o755)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it.runIf(process.platform === 'linux')(
    'is refused where none can be, and nobody waits for ever',
    async () => {
      writeFileSync(path.join(temp, 'file'), '')
      symlinkSync(path.join(temp, 'nowhere'), path.join(temp, 'link'))
      for (const folder of ['/proc/nope/data', path.join(temp, 'file/data'), path.join(temp, 'link/data')]) {
        expect(() => makeFolder(folder)).toThrow(expect.objectContaining({ code: expect.any(String) }))
      }
      await expect(createKeyFile('/proc/nope/master.key')).rejects.toMatchObject({
        code: 'master-key-unwritable',
      })
      const sources = [{ url: 'http://127.0.0.1:2/model.gguf' }] as never
      await expect(
        fetchWeights({ modelsFolder: '/proc/nope/models', sources }, new AbortController().signal),
      ).rejects.toMatchObject({ who: 'model' })
    },
  )
})
