import type { HearthError } from '../../core/errors.ts'
import { cardFault } from './fault.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import { bareChunks, type Chunk, readChunks, writeChunks } from './png-chunks.ts'
import { keywordOf, textChunk, textIn } from './png-text.ts'

export interface PngCard {
  readonly root: JsonObject
  /** Undefined where it is damaged. */
  readonly picture: Uint8Array | undefined
  /** Of the file as it stands, with what other programs keep in it. */
  readonly chunks: readonly Chunk[]
}

/** In the order in which they are believed: where both are there, the older form is a lesser copy. */
const keywords = ['ccv3', 'chara'] as const
const isCardChunk = (chunk: Chunk): boolean =>
  (keywords as readonly (string | undefined)[]).includes(keywordOf(chunk)?.toLowerCase())

/** The card in a PNG or APNG. Throws `HearthError` where there is none that can be read. */
export function readPngCard(bytes: Uint8Array): PngCard {
  const { chunks, whole } = readChunks(bytes)
  let fault: HearthError | unknown
  for (const keyword of keywords) {
    for (const chunk of chunks) {
      if (keywordOf(chunk)?.toLowerCase() !== keyword) continue
      try {
        const root = cardIn(chunk)
        return { root, picture: whole ? writeChunks(bareChunks(chunks)) : undefined, chunks }
      } catch (error) {
        fault ??= error
      }
    }
  }
  if (fault !== undefined) throw fault
  throw whole
    ? cardFault(
        'there is no character card in this picture',
        'Take the original file: sites and messengers that shrink a picture throw the card away.',
      )
    : cardFault('the picture is damaged or cut off, and there is no character card in what is left')
}

function cardIn(chunk: Chunk): JsonObject {
  if (!chunk.intact) {
    throw cardFault('the part of the picture that holds the card is damaged: its checksum is wrong')
  }
  const text = textIn(chunk).trim()
  // Meant to be base64; some programs write the JSON as it is.
  const root = parseJson(text.startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8'))
  if (!isObject(root)) throw cardFault('the card in the picture is no list of fields')
  return root
}

/** Binary assets that older programs wrote beside the card, by the path in `__asset:<path>`. */
export function assetIn(chunks: readonly Chunk[], path: string): Uint8Array | undefined {
  const found = chunks.find((chunk) => keywordOf(chunk) === `chara-ext-asset_:${path}`)
  return found?.intact ? Buffer.from(textIn(found), 'base64') : undefined
}

/** `texts`: by keyword, as JSON. Other chunks stay as they are. */
export function writePngCard(
  chunks: readonly Chunk[],
  texts: readonly (readonly [keyword: string, json: string])[],
): Uint8Array {
  const end = chunks.findIndex(({ type }) => type === 'IEND')
  const kept = chunks.slice(0, end === -1 ? undefined : end).filter((chunk) => !isCardChunk(chunk))
  const cards = texts.map(([keyword, json]) => textChunk(keyword, Buffer.from(json).toString('base64')))
  return writeChunks([...kept, ...cards, { type: 'IEND', data: new Uint8Array() }])
}
