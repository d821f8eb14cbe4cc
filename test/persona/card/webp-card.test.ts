import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HearthError } from '../../../src/core/errors.ts'
import { personaId } from '../../../src/core/ids.ts'
import { readCard } from '../../../src/persona/card/read-card.ts'
import { personaOfCard } from '../../../src/persona/card/to-persona.ts'
import { base64, v2 } from './card-files.ts'

type Order = 'II' | 'MM'

/** A block of EXIF with a comment and a description. */
function exif({
  comment,
  description,
  order = 'II',
  head = true,
}: {
  readonly comment?: Uint8Array
  readonly description?: string
  readonly order?: Order
  readonly head?: boolean
}): Buffer {
  const write = (bytes: Buffer, value: number, at: number, size: 2 | 4) =>
    order === 'II' ? bytes.writeUIntLE(value, at, size) : bytes.writeUIntBE(value, at, size)
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12)
    write(bytes, tag, 0, 2)
    write(bytes, type, 2, 2)
    write(bytes, count, 4, 4)
    write(bytes, value, 8, 4)
    return bytes
  }
  const directory = (...entries: readonly Buffer[]) => {
    const count = Buffer.alloc(2)
    write(count, entries.length, 0, 2)
    return Buffer.concat([count, ...entries, Buffer.alloc(4)])
  }
  const start = Buffer.alloc(8)
  start.write(order)
  write(start, 42, 2, 2)
  write(start, 8, 4, 4)
  const said = Buffer.from(description ?? '')
  const note = Buffer.from(comment ?? new Uint8Array())
  const count = 1 + (description === undefined ? 0 : 1)
  const secondAt = 8 + 6 + count * 12
  const valuesAt = secondAt + 6 + 12
  const first = directory(
    ...(description === undefined ? [] : [entry(0x010e, 2, said.length, valuesAt + note.length)]),
    entry(0x8769, 4, 1, secondAt),
  )
  const second = directory(entry(0x9286, 7, note.length, valuesAt))
  return Buffer.concat([...(head ? [Buffer.from('Exif\0\0')] : []), start, first, second, note, said])
}

function webp(...chunks: readonly (readonly [string, Uint8Array])[]): Buffer {
  const parts = chunks.map(([type, data]) => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(data.length)
    return Buffer.concat([Buffer.from(type), size, data, Buffer.alloc(data.length % 2)])
  })
  const content = Buffer.concat([Buffer.from('WEBP'), ...parts])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(content.length)
  return Buffer.concat([Buffer.from('RIFF'), size, content])
}

const flags = Buffer.from([0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0])
const pixels = Buffer.from('pixels!')
const withExif = (block: Uint8Array) => webp(['VP8X', flags], ['VP8 ', pixels], ['EXIF', block])
const ascii = (text: string) => Buffer.concat([Buffer.from('ASCII\0\0\0'), Buffer.from(text)])
const nameIn = (bytes: Uint8Array) => personaOfCard(readCard(bytes), personaId('card')).persona.name
const faultOf = (bytes: Uint8Array): string => {
  try {
    readCard(bytes)
    return 'none'
  } catch (error) {
    if (!(error instanceof HearthError)) throw error
    return error.message
  }
}

const text = JSON.stringify(v2())
const utf16 = Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(text, 'utf16le')])

describe('a card in a WebP', () => {
  it.each([
    ['as JSON in the comment', exif({ comment: ascii(text) })],
    ['without the name of a script', exif({ comment: Buffer.from(text) })],
    ['with the script left empty', exif({ comment: Buffer.concat([Buffer.alloc(8), Buffer.from(text)]) })],
    ['in UTF-16', exif({ comment: utf16 })],
    ['as numbers', exif({ comment: ascii(Array.from(Buffer.from(text)).join(',')) })],
    ['as base64', exif({ comment: ascii(base64(v2())) })],
    ['in the description', exif({ description: text })],
    ['with its bytes the other way round', exif({ comment: ascii(text), order: 'MM' })],
    ['without a head', exif({ comment: ascii(text), head: false })],
    ['behind a comment of something else', exif({ comment: ascii('Made with care'), description: text })],
  ])('is read %s', (_, block) => {
    expect(nameIn(withExif(block))).toBe('Wren')
  })

  it('leaves a picture without it, which the avatar is', () => {
    const { avatar } = personaOfCard(
      readCard(withExif(exif({ comment: ascii(text) }))),
      personaId('card'),
    ).persona
    const bare = Buffer.from(flags)
    bare[0] = 0
    expect(avatar).toEqual({
      mediaType: 'image/webp',
      bytes: new Uint8Array(webp(['VP8X', bare], ['VP8 ', pixels])),
    })
  })

  it.each([
    ['no EXIF', webp(['VP8 ', pixels])],
    ['EXIF of a camera', withExif(exif({ comment: ascii('Made with care'), description: 'DSC_0012' }))],
    ['EXIF that is none', withExif(Buffer.from('Exif\0\0XX*'))],
    ['nothing', webp()],
  ])('is missed with a sentence where there is %s', (_, bytes) => {
    expect(faultOf(bytes)).toBe('there is no character card in this picture')
  })

  it('is refused where what is there is no card', () => {
    expect(faultOf(withExif(exif({ comment: ascii('{"a":1}') })))).toContain('this is no character card')
    expect(faultOf(withExif(exif({ comment: ascii('{"a"') })))).toBe('this is not valid JSON')
  })

  it('is read or refused in bounded time, however it is damaged', () => {
    const sample = withExif(exif({ comment: ascii(text), description: base64(v2()) }))
    const slip = fc.tuple(fc.nat(sample.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(slip, { minLength: 1, maxLength: 6 }), fc.nat(sample.length), (slips, end) => {
        const bytes = Buffer.from(sample)
        for (const [at, byte] of slips) bytes[at] = byte
        faultOf(bytes)
        if (end > 12) faultOf(bytes.subarray(0, end))
      }),
      { numRuns: 300 },
    )
    // Directories that point at themselves, and sizes beyond the file.
    const loop = exif({ comment: ascii(text) })
    loop.writeUInt32LE(8, 6 + 8 + 2 + 8)
    expect(faultOf(withExif(loop))).toBe('there is no character card in this picture')
    const vast = withExif(exif({ comment: ascii(text) }))
    vast.writeUInt32LE(0xffff_ffff, 16)
    expect(faultOf(vast)).toBe('there is no character card in this picture')
  })
})
