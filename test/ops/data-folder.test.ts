import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeDataFolder } from '../../src/ops/data-folder.ts'

const temp = mkdtempSync(path.join(tmpdir(), 'hearth-folder-'))
afterAll(() => rmSync(temp, { recursive: true }))

describe('the data folder', () => {
  it('is made with what is above it, for its owner alone, and may be there already', () => {
    const folder = path.join(temp, 'a/b/c')
    makeDataFolder(folder)
    makeDataFolder(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it.runIf(process.platform === 'linux')('is refused where no folder can be', () => {
    writeFileSync(path.join(temp, 'file'), '')
    symlinkSync(path.join(temp, 'nowhere'), path.join(temp, 'link'))
    for (const folder of ['/proc/nope/data', path.join(temp, 'file/data'), path.join(temp, 'link/data')]) {
      expect(() => makeDataFolder(folder)).toThrow(expect.objectContaining({ code: 'data-folder' }))
    }
  })
})
