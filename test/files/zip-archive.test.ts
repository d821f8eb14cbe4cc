import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openZip, ZipFault } from '../../src/files/zip-archive.ts'
import { makeZip } from '../support/make-zip.ts'

const never = new AbortController().signal

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-zip-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What comes out of the wanted files. */
async function unpack(bytes: Buffer, isWanted = (name: string) => !name.endsWith('.png'), signal = never) {
  const file = path.join(folder, 'a.zip')
  await writeFile(file, bytes)
  await using zip = await openZip(file, isWanted, signal)
  const contents: Record<string, Buffer> = {}
  for (const each of zip.files) {
    const chunks: Uint8Array[] = []
    for await (const chunk of each.read(signal)) chunks.push(chunk)
    contents[each.name] = Buffer.concat(chunks)
    expect(each.bytes).toBe(contents[each.name]?.length)
  }
  return contents
}

const large = Buffer.concat([randomBytes(600_000), Buffer.alloc(600_000, 'x')])
const picture = { name: 'a.png', content: randomBytes(100) }
const words = { name: 'd/words.json', content: large }

describe('an archive', () => {
  it.each([
    ['', {}],
    ['in the manner of more than 4 GB ', { zip64: {} }],
  ])('%sgives what went in, packed and unpacked, and leaves the rest', async (_what, lies) => {
    const some = [words, picture, { ...words, name: 'stored', stored: true }]
    const empty = { name: 'empty', content: Buffer.alloc(0) }
    const contents = await unpack(makeZip([...some, empty], lies))
    expect(Object.keys(contents)).toEqual(['d/words.json', 'stored', 'empty'])
    expect(contents['d/words.json']?.equals(large)).toBe(true)
    expect(contents.stored?.equals(large)).toBe(true)
    expect(contents.empty?.length).toBe(0)
  })

  it.each([
    ['claims to be smaller than it is (a bomb)', { bytes: 1000 }, 'damaged'],
    ['claims to be larger than it is', { bytes: large.length + 1 }, 'damaged'],
    ['has a wrong checksum', { crc: 1 }, 'damaged'],
    ['is encrypted', { flags: 1 }, 'locked'],
    ['is packed in an unknown way', { method: 9 }, 'packing'],
    ['claims bytes beyond the file', { compressedBytes: 0x7fffffff }, 'damaged'],
    ['begins beyond the file', { offset: 0x7fffffff }, 'damaged'],
    ['begins where no file is', { offset: 5 }, 'damaged'],
    ['has another name at its place than in the directory', { localName: 'd/other.json' }, 'damaged'],
    ['is cut off', { compressedBytes: 1000 }, 'damaged'],
  ])('with a file that %s is refused', async (_what, lies, kind) => {
    await expect(unpack(makeZip([picture, { ...words, lies }]))).rejects.toMatchObject({ kind })
  })

  it.each([['../words.json'], ['/words.json'], ['C:/words.json'], ['d\\..\\..\\words.json']])(
    'that names %s is refused, without the name',
    async (name) => {
      const refused = unpack(makeZip([{ ...words, name }]))
      await expect(refused).rejects.toMatchObject({ kind: 'leads-out', cause: undefined })
      await expect(refused).rejects.not.toThrow(/words/)
    },
  )

  it('with two files of one name is refused, where that one is wanted', async () => {
    await expect(unpack(makeZip([words, words]))).rejects.toMatchObject({ kind: 'twice' })
    expect(await unpack(makeZip([picture, picture]))).toEqual({})
  })

  const zip = makeZip([words, picture])
  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is none', large],
    ['has lost its end', zip.subarray(0, -10)],
    ['has lost its beginning', zip.subarray(1000)],
    ['has its last record far beyond its end', makeZip([words], { zip64: { recordAt: 2n ** 63n } })],
  ])('that %s is refused', async (_what, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ kind: 'damaged' })
  })

  it('gives no more than it says, whatever is in it (a bomb)', async () => {
    const file = path.join(folder, 'bomb.zip')
    await writeFile(file, makeZip([{ ...words, lies: { bytes: 600_000 } }]))
    await using zip = await openZip(file, () => true, never)
    let given = 0
    const reading = async () => {
      for await (const chunk of zip.files[0]?.read(never) ?? []) given += chunk.length
    }
    await expect(reading()).rejects.toMatchObject({ kind: 'damaged' })
    expect(given).toBeLessThanOrEqual(600_000)
  })

  it('of more than a million files is not looked through', async () => {
    const many = makeZip([words], { zip64: { files: 1_000_001n } })
    await expect(unpack(many)).rejects.toMatchObject({ kind: 'too-many' })
  })

  it('with any one byte changed gives what went in, or nothing', async () => {
    const content = Buffer.from('one, and two, and three')
    const small = makeZip([{ name: 'a', content }], { zip64: {} })
    for (let at = 0; at < small.length; at++) {
      const changed = Buffer.from(small)
      changed[at] = (changed[at] ?? 0) ^ 0xff
      const result = await unpack(changed).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toBeInstanceOf(ZipFault)
      else for (const given of Object.values(result as object)) expect(given).toEqual(content)
    }
  })

  it('can be left in the middle', async () => {
    const stopping = new AbortController()
    const stopped = unpack(
      zip,
      () => {
        stopping.abort()
        return false
      },
      stopping.signal,
    )
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    const file = path.join(folder, 'a.zip')
    await using archive = await openZip(file, () => true, never)
    for await (const chunk of archive.files[0]?.read(never) ?? []) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
  })
})
