/** In bytes: how large a value of each type of EXIF is that may hold text. */
const textTypes: Readonly<Record<number, true>> = { 1: true, 2: true, 7: true }
const tags = { imageDescription: 0x010e, exif: 0x8769, userComment: 0x9286 } as const
const entryBytes = 12
const mostEntries = 1_000
/** A comment begins with the name of its script. */
const scriptBytes = 8

/**
 * The texts in a block of EXIF that may hold a card: the comment, then the description. Whatever the block is,
 * nothing is read beyond it, and it never throws.
 */
export function exifTexts(block: Uint8Array): readonly string[] {
  const head = Buffer.from(block.subarray(0, 6)).toString('latin1')
  const tiff = head === 'Exif\0\0' ? block.subarray(6) : block
  const order = Buffer.from(tiff.subarray(0, 2)).toString('latin1')
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return []
  const reader = { view: new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength), little: order === 'II' }
  const first = directoryAt(reader, number(reader, 4))
  const own = first.get(tags.exif)
  const second = own === undefined ? undefined : directoryAt(reader, number(reader, own.at))
  const comment = second?.get(tags.userComment) ?? first.get(tags.userComment)
  const description = first.get(tags.imageDescription)
  return [
    ...(comment === undefined ? [] : [commentIn(bytesOf(tiff, reader, comment))]),
    ...(description === undefined ? [] : [decoded(bytesOf(tiff, reader, description), 'utf-8')]),
  ]
}

interface Reader {
  readonly view: DataView
  readonly little: boolean
}

interface Entry {
  readonly type: number
  readonly count: number
  /** Where its value stands, or the place of its value. */
  readonly at: number
}

function directoryAt(reader: Reader, at: number): ReadonlyMap<number, Entry> {
  const { view, little } = reader
  const entries = new Map<number, Entry>()
  if (at + 2 > view.byteLength) return entries
  const count = Math.min(view.getUint16(at, little), mostEntries)
  for (let index = 0; index < count; index++) {
    const from = at + 2 + index * entryBytes
    if (from + entryBytes > view.byteLength) break
    const type = view.getUint16(from + 2, little)
    entries.set(view.getUint16(from, little), { type, count: number(reader, from + 4), at: from + 8 })
  }
  return entries
}

function number({ view, little }: Reader, at: number): number {
  return at + 4 > view.byteLength ? view.byteLength : view.getUint32(at, little)
}

/** A value of up to four bytes stands in the entry itself. */
function bytesOf(tiff: Uint8Array, reader: Reader, { type, count, at }: Entry): Uint8Array {
  if (textTypes[type] !== true) return new Uint8Array()
  const from = count <= 4 ? at : number(reader, at)
  return tiff.subarray(from, from + count)
}

function commentIn(bytes: Uint8Array): string {
  const script = Buffer.from(bytes.subarray(0, scriptBytes)).toString('latin1')
  if (script.startsWith('UNICODE')) {
    const text = bytes.subarray(scriptBytes)
    return decoded(text, text[0] === 0 ? 'utf-16be' : 'utf-16le')
  }
  const named = script.startsWith('ASCII\0') || script === '\0'.repeat(scriptBytes)
  return decoded(named ? bytes.subarray(scriptBytes) : bytes, 'utf-8')
}

const decoded = (bytes: Uint8Array, encoding: string): string =>
  new TextDecoder(encoding).decode(bytes).replace(/\0+$/, '')
