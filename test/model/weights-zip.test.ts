import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractEntry } from '../../src/model/zip.ts'
import { makeZip } from '../support/make-zip.ts'
import { fakeWeights, temporaryFolder } from './weights-support.ts'

const content = fakeWeights(200_000)
const never = new AbortController().signal

async function extract(
  archive: Buffer,
  more: { entry?: string; maxBytes?: number; targetOffset?: number } = {},
) {
  const folder = await temporaryFolder()
  const files = { archive: path.join(folder, 'a.zip'), target: path.join(folder, 'out') }
  await writeFile(files.archive, archive)
  if (more.targetOffset !== undefined) await writeFile(files.target, Buffer.alloc(more.targetOffset, 'x'))
  const extraction = { ...files, entry: 'd/model.gguf', maxBytes: 1e6, targetOffset: 0, ...more }
  const bytes = await extractEntry(extraction, never)
  return { bytes, written: await readFile(files.target) }
}

const other = { name: 'readme', content: Buffer.from('hello') }
const honest = { name: 'd/model.gguf', content }

describe('an entry of a zip archive', () => {
  it.each([false, true])('comes out as it went in (stored: %s)', async (stored) => {
    const { bytes, written } = await extract(makeZip([other, { ...honest, stored }, other]))
    expect(bytes).toBe(content.length)
    expect(written.equals(content)).toBe(true)
  })

  it('is written behind what the target already holds', async () => {
    const { written } = await extract(makeZip([honest]), { targetOffset: 10 })
    expect(written.toString('latin1', 0, 14)).toBe('xxxxxxxxxxGGUF')
    expect(written.length).toBe(content.length + 10)
  })

  it.each([
    ['is damaged', { crc: 1 }, 'hostile: damaged'],
    ['is larger than the caller takes', { bytes: 2e6 }, 'larger than it should be'],
    ['is empty', { compressedBytes: 0, bytes: 0 }, 'empty'],
  ])('is refused when it %s', async (_what, lies, message) => {
    await expect(extract(makeZip([other, { ...honest, lies }]))).rejects.toMatchObject({
      code: 'pocket-source-failed',
      message: expect.stringContaining(message),
    })
  })

  it('is missed by its name', async () => {
    await expect(extract(makeZip([other]))).rejects.toThrow('the archive has no d/model.gguf')
  })
})
