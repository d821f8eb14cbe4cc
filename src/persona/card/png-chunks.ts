import { crc32 } from 'node:zlib'
import { cardFault } from './fault.ts'

export interface Chunk {
  readonly type: string
  readonly data: Uint8Array
  readonly intact: boolean
}

export interface PngFile {
  readonly chunks: readonly Chunk[]
  /** The picture itself, which is the file up to its end mark, is there and undamaged. */
  readonly whole: boolean
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const frameBytes = 12
/** A picture of 64 MiB in chunks of 8 KiB has a tenth of it. */
const mostChunks = 100_000

export const isPng = (bytes: Uint8Array): boolean => signature.equals(bytes.subarray(0, signature.length))

/**
 * Takes a PNG or APNG apart as far as it goes: a file that is cut off has the chunks before the cut.
 * Some programs write the card after the end mark, so what follows it is read too.
 * Throws `HearthError` where there are too many chunks.
 */
export function readChunks(file: Uint8Array): PngFile {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const chunks: Chunk[] = []
  let whole = false
  let damaged = false
  for (let at = signature.length; at + frameBytes <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const end = at + frameBytes + length
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (end > bytes.length || !/^[A-Za-z]{4}$/.test(type)) break
    if (chunks.length === mostChunks) throw cardFault('the picture is cut into too many pieces')
    const intact = crc32(bytes.subarray(at + 4, end - 4)) === bytes.readUInt32BE(end - 4)
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), intact })
    if (!intact && !whole) damaged ||= isShown(type)
    whole ||= type === 'IEND'
    at = end
  }
  return { chunks, whole: whole && !damaged && chunks[0]?.type === 'IHDR' }
}

/** Of the chunks that only describe a picture, those without which it looks different. */
const shown = new Set([
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'iCCP',
  'sBIT',
  'pHYs',
  'bKGD',
  'acTL',
  'fcTL',
  'fdAT',
])
const isShown = (type: string): boolean => /^[A-Z]/.test(type) || shown.has(type)

/** The picture alone: what is sent to a platform must not carry the card's texts along. */
export function bareChunks(chunks: readonly Chunk[]): readonly Chunk[] {
  const end = chunks.findIndex(({ type }) => type === 'IEND')
  return chunks.slice(0, end === -1 ? undefined : end + 1).filter(({ type }) => isShown(type))
}

export function writeChunks(chunks: readonly Pick<Chunk, 'type' | 'data'>[]): Uint8Array {
  return Buffer.concat([
    signature,
    ...chunks.flatMap(({ type, data }) => {
      const head = Buffer.alloc(8)
      head.writeUInt32BE(data.length)
      head.write(type, 4, 'latin1')
      const tail = Buffer.alloc(4)
      tail.writeUInt32BE(crc32(data, crc32(head.subarray(4))))
      return [head, data, tail]
    }),
  ])
}
