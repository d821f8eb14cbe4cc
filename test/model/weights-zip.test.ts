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
    ['claims to be smaller than it is (a bomb)', { bytes: 1000 }, /longer than it says/],
    ['claims to be larger than it is', { bytes: content.length + 1 }, /shorter than it says/],
    ['is larger than the caller takes', { bytes: 2e6 }, /larger than it should be/],
    ['has a wrong checksum', { crc: 1 }, /checksum/],
    ['is encrypted', { flags: 1 }, /encrypted/],
    ['is packed in an unknown way', { method: 12 }, /unknown way/],
    ['claims bytes beyond the file', { compressedBytes: 0x7fffffff }, /outside the file/],
    ['begins beyond the file', { offset: 0x7fffffff }, /outside the file/],
    ['begins where no entry is', { offset: 5 }, /no header|outside/],
    ['has another name at its place than in the directory', { localName: 'x/model.gguf' }, /two names/],
    ['is cut off', { compressedBytes: 100 }, /unpacked|shorter/],
    ['is empty', { compressedBytes: 0 }, /empty/],
  ])('is refused when it %s', async (_what, lies, message) => {
    await expect(extract(makeZip([other, { ...honest, lies }]))).rejects.toThrow(message)
  })

  it('is refused when a stored one has two sizes', async () => {
    const lies = { bytes: content.length + 1 }
    await expect(extract(makeZip([{ ...honest, stored: true, lies }]))).rejects.toThrow(/sizes disagree/)
  })

  it('is refused when it is there twice', async () => {
    await expect(extract(makeZip([honest, { ...honest, content: fakeWeights(50, 2) }]))).rejects.toThrow(
      /twice/,
    )
  })

  it('is missed by its name', async () => {
    await expect(extract(makeZip([other]))).rejects.toThrow('the archive has no d/model.gguf')
  })
})

describe('an archive', () => {
  const zip = makeZip([other, honest])
  it.each([
    ['is empty', Buffer.alloc(0), /no end record/],
    ['is no zip', content, /no end record/],
    ['has lost its end', zip.subarray(0, -30), /no end record/],
    ['has lost its beginning', zip.subarray(100), /outside|torn|header/],
    ['has a directory of 16 MB', makeZip([honest], { directoryBytes: 16 << 20 }), /directory is too large/],
    [
      'has a directory longer than the file',
      makeZip([honest], { directoryBytes: 900_000 }),
      /outside the file/,
    ],
    ['has a torn directory', makeZip([other, honest], { directoryBytes: 60 }), /torn|outside/],
  ])('that %s is refused', async (_what, archive, message) => {
    await expect(extract(archive)).rejects.toThrow(message)
  })

  it('with any one byte of its structure changed never gives other content', async () => {
    const small = makeZip([{ name: 'd/model.gguf', content: content.subarray(0, 40) }])
    for (let at = 0; at < small.length; at++) {
      const changed = Buffer.from(small)
      changed[at] = (changed[at] ?? 0) ^ 0xff
      const result = await extract(changed).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toMatchObject({ code: 'pocket-source-failed' })
      else expect(result).toMatchObject({ written: content.subarray(0, 40) })
    }
  })
})
