import type { Chunks, Place } from './entry.ts'

export interface CsvRow {
  /** Undefined where the row is longer than it may be. */
  readonly cells: readonly string[] | undefined
  readonly place: Place
}

/** The rows of a CSV file (RFC 4180) in UTF-8: cells in quotes may hold commas, line ends and doubled quotes. */
export async function* csvRows(chunks: Chunks, mostChars: number): AsyncGenerator<CsvRow> {
  const decoder = new TextDecoder('utf-8')
  let cells: string[] = []
  let cell = ''
  let chars = 0
  let inQuotes = false
  /** A quote within quotes: the end of the cell, or half of a doubled one. */
  let quoted = false
  let line = 1
  let begin: Place = { line, byte: 0 }
  let at = 0

  function* take(text: string): Generator<CsvRow> {
    for (const char of text) {
      at += char.length
      if (char === '\n') line++
      if (quoted) {
        quoted = false
        if (char === '"') {
          if (chars <= mostChars) cell += '"'
          continue
        }
        inQuotes = false
      }
      if (inQuotes) {
        if (char === '"') quoted = true
        else if (++chars <= mostChars) cell += char
      } else if (char === '"' && cell === '') inQuotes = true
      else if (char === ',') {
        if (++chars <= mostChars) cells.push(cell)
        cell = ''
      } else if (char === '\n') yield* endRow()
      else if (char !== '\r' && ++chars <= mostChars) cell += char
    }
  }

  function* endRow(): Generator<CsvRow> {
    cells.push(cell)
    if (chars > 0) yield { cells: chars > mostChars ? undefined : cells, place: begin }
    cells = []
    cell = ''
    chars = 0
    begin = { line, byte: at }
  }

  for await (const chunk of chunks) yield* take(decoder.decode(chunk, { stream: true }))
  yield* take(decoder.decode())
  yield* endRow()
}
