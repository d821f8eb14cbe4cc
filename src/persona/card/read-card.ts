import { cardFault } from './fault.ts'
import { dataIn } from './fields.ts'
import { isObject, type Json, type JsonObject, mostJsonBytes, parseJson } from './json.ts'
import { assetIn, readPngCard } from './png-card.ts'
import { type Chunk, isPng } from './png-chunks.ts'
import { isWebp, readWebpCard } from './webp-card.ts'
import { isZip, readZip, type Zip } from './zip-read.ts'

/** A character card as it stands in its file, of which nothing is lost. */
export interface Card {
  readonly container: 'json' | 'png' | 'webp' | 'charx'
  /** All of its JSON, with the fields that nobody knows. */
  readonly root: JsonObject
  /** Of V1 the root itself. */
  readonly data: JsonObject
  /** Of a PNG that is undamaged, or a WebP: the picture without its texts. */
  readonly picture: Uint8Array | undefined
  /** Of a PNG: everything that is in the file. */
  readonly chunks: readonly Chunk[]
  /** What lies in the file beside the JSON, by its path. Throws `HearthError` where it is damaged or too large. */
  asset(path: string, mostBytes: number): Uint8Array | undefined
  readonly assetPaths: readonly string[]
}

/** A public CHARX with pictures for every mood has some 60 MiB. */
export const mostCardBytes = 128 * 1024 * 1024
export const cardFileName = 'card.json'

/** Reads a card of any kind: the first bytes say of which. Throws `HearthError` with the mend where it is none. */
export function readCard(bytes: Uint8Array): Card {
  if (isPng(bytes)) {
    const { root, picture, chunks } = readPngCard(bytes)
    const asset = (path: string) => assetIn(chunks, path)
    return { container: 'png', ...rootAndData(root), picture, chunks, asset, assetPaths: [] }
  }
  if (isWebp(bytes)) {
    const { root, picture } = readWebpCard(bytes)
    const asset = () => undefined
    return { container: 'webp', ...rootAndData(root), picture, chunks: [], asset, assetPaths: [] }
  }
  if (isZip(bytes)) {
    const zip = readZip(bytes)
    const root = jsonIn(zip)
    return {
      container: 'charx',
      ...rootAndData(root),
      picture: undefined,
      chunks: [],
      asset: (path, mostBytes) => zip.read(path, mostBytes),
      assetPaths: zip.names.filter((name) => name !== cardFileName && !name.endsWith('/')),
    }
  }
  const root = readJson(bytes)
  return {
    container: 'json',
    ...rootAndData(root),
    picture: undefined,
    chunks: [],
    asset: () => undefined,
    assetPaths: [],
  }
}

function jsonIn(zip: Zip): Json {
  const bytes = zip.read(cardFileName, mostJsonBytes)
  if (bytes === undefined) {
    throw cardFault(`there is no ${cardFileName} in the archive`, 'Take the CHARX file itself, unopened.')
  }
  return parseJson(Buffer.from(bytes).toString('utf8'))
}

/** The JSON of a file that is neither a picture nor an archive. Throws `HearthError`. */
export function readJson(bytes: Uint8Array): Json {
  const text = decoded(bytes)
  if (!/^\s*[[{"]/.test(text)) {
    throw cardFault(
      'this is no character card: neither a PNG or WebP, nor JSON, nor a CHARX archive',
      'Take the PNG, WebP, JSON or CHARX file of the character. Pictures of other kinds lose the card.',
    )
  }
  const value = parseJson(text)
  // Some tools write the JSON into a text, and that text as JSON.
  return typeof value === 'string' ? parseJson(value) : value
}

function decoded(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes)
}

function rootAndData(root: Json): Pick<Card, 'root' | 'data'> {
  const data = isObject(root) ? dataIn(root) : undefined
  if (!isObject(root) || data === undefined) {
    throw cardFault(
      'this is no character card: it has no name and texts of a character',
      'A book of lore is imported with: npx hearth persona import <file> --as <name of a persona>',
    )
  }
  return { root, data }
}
