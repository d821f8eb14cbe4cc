import type { Chunks, Place } from './entry.ts'

/** One value out of a large JSON file. */
export interface Piece {
  /** The member that it is, or in whose list it stands; undefined in a file that is one list. */
  readonly key: string | undefined
  /** JSON, or what stands in the place of it; undefined where it is longer than it may be. */
  readonly text: string | undefined
  readonly place: Place
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const newline = 0x0a
const byteOrderMark = [0xef, 0xbb, 0xbf]
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

const isSpace = (byte: number) => byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09

/**
 * Takes a file apart that is one list, or one object of which the member `list` is one: gives the elements of
 * that list and the object's other members one by one, in order. Only their ends are looked for here, and
 * what they are is left to `JSON.parse`; so a broken one costs itself alone. (No JSON string goes over a line: one that
 * does has lost its end, and the next object that begins in the same column is the next element.) Never throws:
 * what stands where it should not is a piece that is no JSON. Holds one chunk and `mostBytes`.
 *
 * Measured: 250 MB of small messages in 2.7 s of one core, without what `JSON.parse` takes.
 */
export async function* jsonPieces(chunks: Chunks, list: string, mostBytes: number): AsyncGenerator<Piece> {
  const scanner = createScanner(list, mostBytes)
  for await (const chunk of chunks) {
    yield* scanner.scan(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
  }
  yield* scanner.finish()
}

function createScanner(list: string, mostBytes: number) {
  /** 0: outside; 1: in the outermost list or object; 2: in the object's list. */
  let level: 0 | 1 | 2 = 0
  let isObject = false
  let awaitsKey = false
  let key: string | undefined
  let line = 1
  /** Of the chunk at hand. */
  let chunkAt = 0
  /** Where the line at hand begins. */
  let lineAt = 0
  let piece: (Place & { readonly column: number }) | undefined
  /** A string in it has no end: how deep it goes cannot be told any more. */
  let torn = false
  let depth = 0
  let inString = false
  let escaped = false
  let held: Buffer[] = []
  let heldBytes = 0
  let pieces: Piece[] = []

  function hold(bytes: Buffer): void {
    heldBytes += bytes.length
    if (heldBytes <= mostBytes) held.push(bytes)
    else held = []
  }

  function endPiece(): void {
    if (piece === undefined) return
    const text = heldBytes > mostBytes ? undefined : Buffer.concat(held).toString('utf8')
    const name = awaitsKey && text !== undefined ? stringIn(text) : undefined
    if (name !== undefined) key = name
    // What stands where a name should is no member, whatever it is.
    else pieces.push({ key: level === 2 ? list : key, text: awaitsKey ? '' : text, place: placeOf(piece) })
    piece = undefined
    torn = false
    depth = 0
    inString = false
    escaped = false
    held = []
    heldBytes = 0
  }

  /** Within a piece; true where the byte is the last one of it. */
  function isEnd(byte: number): boolean {
    if (inString) {
      if (escaped) escaped = false
      else if (byte === backslash) escaped = true
      else if (byte === quote) inString = false
      else if (byte === newline) {
        inString = false
        torn = true
      }
      return !inString && depth === 0
    }
    if (byte === quote) inString = true
    else if (byte === openObject || byte === openList) depth++
    else if (byte === closeObject || byte === closeList) return --depth === 0
    return false
  }

  /** Between pieces; true where the byte is the first one of a piece. */
  function isBegin(byte: number): boolean {
    if (isSpace(byte)) return false
    if (level === 0) {
      if (byte !== openList && byte !== openObject) return true
      level = 1
      isObject = byte === openObject
      awaitsKey = isObject
      return false
    }
    if (byte === comma) {
      awaitsKey = isObject && level === 1
      return false
    }
    if (byte === colon && isObject && level === 1) {
      awaitsKey = false
      return false
    }
    if (level === 2 ? byte === closeList : byte === (isObject ? closeObject : closeList)) {
      level = level === 2 ? 1 : 0
      return false
    }
    if (level === 1 && isObject && !awaitsKey && key === list && byte === openList) {
      level = 2
      return false
    }
    return true
  }

  return {
    scan(bytes: Buffer): readonly Piece[] {
      pieces = []
      let from = 0
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at] as number
        if (chunkAt + at < byteOrderMark.length && byteOrderMark[chunkAt + at] === byte) continue
        if (byte === newline) {
          line++
          lineAt = chunkAt + at + 1
        }
        if (torn && byte === openObject && chunkAt + at - lineAt === piece?.column) {
          hold(bytes.subarray(from, at))
          endPiece()
        }
        if (piece !== undefined) {
          const bare = depth === 0 && !inString
          if (bare && (isSpace(byte) || byte === comma || byte === closeList || byte === closeObject)) {
            hold(bytes.subarray(from, at))
            endPiece()
          } else {
            if (!isEnd(byte)) continue
            hold(bytes.subarray(from, at + 1))
            endPiece()
            continue
          }
        }
        if (!isBegin(byte)) continue
        piece = { line, byte: chunkAt + at, column: chunkAt + at - lineAt }
        from = at
        const closes = byte === closeList || byte === closeObject
        if (closes || isEnd(byte)) {
          hold(bytes.subarray(from, at + 1))
          endPiece()
        }
      }
      if (piece !== undefined) hold(bytes.subarray(from))
      chunkAt += bytes.length
      return pieces
    },

    /** What is cut off at the end of the file. */
    finish(): readonly Piece[] {
      pieces = []
      endPiece()
      if (pieces.length === 0 && level !== 0) pieces.push({ key, text: '', place: { line, byte: chunkAt } })
      return pieces
    },
  }
}

const placeOf = ({ line, byte }: Place): Place => ({ line, byte })

function stringIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
