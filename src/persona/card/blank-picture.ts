import { deflateSync } from 'node:zlib'
import { bareChunks, type Chunk, isPng, readChunks } from './png-chunks.ts'

const width = 400
const height = 600
/** One byte a pixel: its place in the palette. */
const depthAndColour = [8, 3, 0, 0, 0]
const slate = [0x3a, 0x44, 0x4f]

/** The chunks of the picture, where it is a PNG, or of a plain one: a card in a PNG needs some picture. */
export function pictureChunks(picture: Uint8Array | undefined): readonly Chunk[] {
  if (picture !== undefined && isPng(picture)) {
    const { chunks, whole } = readChunks(picture)
    if (whole) return bareChunks(chunks)
  }
  const header = Buffer.alloc(8)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  const pixels = deflateSync(Buffer.alloc((width + 1) * height))
  return [
    chunk('IHDR', Buffer.concat([header, Buffer.from(depthAndColour)])),
    chunk('PLTE', Buffer.from(slate)),
    chunk('IDAT', pixels),
  ]
}

const chunk = (type: string, data: Uint8Array): Chunk => ({ type, data, intact: true })
