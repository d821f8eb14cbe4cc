import { HearthError } from '../../core/errors.ts'
import { exifTexts } from './exif.ts'
import { cardFault } from './fault.ts'
import { isObject, type JsonObject, mostJsonBytes, parseJson } from './json.ts'

export interface WebpCard {
  readonly root: JsonObject
  /** Without the card. */
  readonly picture: Uint8Array
}

const headerBytes = 12
const chunkHeaderBytes = 8
/** A WebP of a character has five or six; an animated one a few hundred. */
const mostChunks = 10_000
const exifFlag = 0x08

export function isWebp(bytes: Uint8Array): boolean {
  return fourCc(bytes, 0) === 'RIFF' && fourCc(bytes, 8) === 'WEBP'
}

/**
 * The card in a WebP, where older versions of SillyTavern and its relatives put it: into a text of its EXIF. Sizes
 * are believed as far as the file goes. Throws `HearthError` where there is none that can be read.
 */
export function readWebpCard(bytes: Uint8Array): WebpCard {
  const chunks = chunksOf(bytes)
  let fault: HearthError | undefined
  for (const { type, data } of chunks) {
    if (type !== 'EXIF' || data.length > mostJsonBytes * 4) continue
    for (const json of exifTexts(data).map(jsonIn)) {
      // A camera has its own to say.
      if (!json.startsWith('{')) continue
      try {
        return { root: rootIn(json), picture: withoutExif(chunks) }
      } catch (error) {
        if (!(error instanceof HearthError)) throw error
        fault ??= error
      }
    }
  }
  throw (
    fault ??
    cardFault(
      'there is no character card in this picture',
      'Take the original file: sites and messengers that shrink a picture throw the card away.',
    )
  )
}

/** JSON as it is, as base64, or as its bytes, each written as a number. */
function jsonIn(written: string): string {
  const text = written.trim()
  if (text.startsWith('{')) return text
  const bytes = /^\d{1,3},\d/.test(text) ? numbersIn(text) : Buffer.from(text, 'base64')
  return new TextDecoder().decode(bytes).trim()
}

function rootIn(json: string): JsonObject {
  const root = parseJson(json)
  if (!isObject(root)) throw cardFault('the card in the picture is no list of fields')
  return root
}

/** Without a list of them in between, which would take thirty times as much memory. */
function numbersIn(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(text.length / 2))
  let length = 0
  let byte = 0
  for (let at = 0; at <= text.length; at++) {
    const digit = text.charCodeAt(at) - zero
    if (digit >= 0 && digit <= 9) byte = byte * 10 + digit
    else {
      bytes[length++] = byte
      byte = 0
    }
  }
  return bytes.subarray(0, length)
}

const zero = '0'.charCodeAt(0)

interface WebpChunk {
  readonly type: string
  readonly data: Uint8Array
}

function chunksOf(bytes: Uint8Array): readonly WebpChunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: WebpChunk[] = []
  for (let at = headerBytes; at + chunkHeaderBytes <= bytes.length && chunks.length < mostChunks; ) {
    const size = view.getUint32(at + 4, true)
    const from = at + chunkHeaderBytes
    chunks.push({ type: fourCc(bytes, at), data: bytes.subarray(from, Math.min(from + size, bytes.length)) })
    // To an even place.
    at = from + size + (size % 2)
  }
  return chunks
}

/** So that whoever is shown the picture is not given the card along. */
function withoutExif(chunks: readonly WebpChunk[]): Uint8Array {
  const parts = chunks
    .filter(({ type }) => type !== 'EXIF')
    .flatMap(({ type, data }) => {
      const body = Buffer.from(data)
      if (type === 'VP8X' && body[0] !== undefined) body[0] &= ~exifFlag
      const size = Buffer.alloc(4)
      size.writeUInt32LE(body.length)
      return [Buffer.from(type, 'latin1'), size, body, Buffer.alloc(body.length % 2)]
    })
  const content = Buffer.concat([Buffer.from('WEBP'), ...parts])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(content.length)
  return Buffer.concat([Buffer.from('RIFF'), size, content])
}

const fourCc = (bytes: Uint8Array, at: number): string =>
  Buffer.from(bytes.subarray(at, at + 4)).toString('latin1')
