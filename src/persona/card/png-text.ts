import { inflateSync } from 'node:zlib'
import { cardFault } from './fault.ts'
import { mostJsonBytes } from './json.ts'
import type { Chunk } from './png-chunks.ts'

/** Base64 takes four bytes for three. */
const mostTextBytes = Math.ceil((mostJsonBytes * 4) / 3)
const longestKeyword = 79
const compressed = 1

/** The keyword of a `tEXt`, `zTXt` or `iTXt` chunk as it is written, or undefined for any other chunk. */
export function keywordOf({ type, data }: Chunk): string | undefined {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return undefined
  const end = data.subarray(0, longestKeyword + 1).indexOf(0)
  return end < 1 ? undefined : Buffer.from(data.subarray(0, end)).toString('latin1')
}

/** The text of such a chunk. Throws `HearthError` where it is damaged or unpacks to too much. */
export function textIn({ type, data }: Chunk): string {
  const content = data.subarray(data.indexOf(0) + 1)
  if (type === 'tEXt') return bounded(content).toString('latin1')
  if (type === 'zTXt') return unpacked(content.subarray(1)).toString('latin1')
  // Two flags, then a language and a translated keyword, each ended by a zero.
  const language = content.indexOf(0, 2)
  const keyword = language === -1 ? -1 : content.indexOf(0, language + 1)
  if (keyword === -1) throw cardFault('the part of the picture that holds the card is damaged')
  const text = content.subarray(keyword + 1)
  return (content[0] === compressed ? unpacked(text) : bounded(text)).toString('utf8')
}

function bounded(bytes: Uint8Array): Buffer {
  if (bytes.length > mostTextBytes)
    throw cardFault('the card in the picture is too long', 'Shorten the card.')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function unpacked(bytes: Uint8Array): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: mostTextBytes })
  } catch {
    throw cardFault('the card in the picture cannot be unpacked, or unpacks to too much')
  }
}

/** A card's text chunk: Latin letters alone, since it is base64. */
export function textChunk(keyword: string, text: string): Pick<Chunk, 'type' | 'data'> {
  return { type: 'tEXt', data: Buffer.from(`${keyword}\0${text}`, 'latin1') }
}
