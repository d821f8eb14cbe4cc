import type { Chunks, Place } from './entry.ts'

const newline = 0x0a

export interface Line {
  /** Without its end; undefined where it is longer than it may be. */
  readonly text: string | undefined
  readonly place: Place
}

/**
 * The lines of a file in UTF-8, with or without a byte order mark, ended by LF or CRLF. Never holds more than
 * one chunk and `mostBytes`: of a longer line the rest is passed over.
 */
export async function* linesOf(chunks: Chunks, mostBytes: number): AsyncGenerator<Line> {
  let held: Buffer[] = []
  let heldBytes = 0
  let line = 1
  let begin = 0
  let at = 0

  const hold = (bytes: Buffer): void => {
    heldBytes += bytes.length
    if (heldBytes <= mostBytes) held.push(bytes)
    else held = []
  }
  const take = (): Line => {
    const text = heldBytes > mostBytes ? undefined : cleanEnds(Buffer.concat(held).toString('utf8'), line)
    const taken = { text, place: { line, byte: begin } }
    held = []
    heldBytes = 0
    line++
    return taken
  }

  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      hold(bytes.subarray(from, end))
      yield take()
      from = end + 1
      begin = at + from
    }
    if (from < bytes.length) hold(bytes.subarray(from))
    at += bytes.length
  }
  if (heldBytes > 0) yield take()
}

function cleanEnds(text: string, line: number): string {
  const begun = line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text
  return begun.endsWith('\r') ? begun.slice(0, -1) : begun
}
