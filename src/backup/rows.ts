import { backupFault } from './errors.ts'

/*
 * The content of a backup, line by line: `T <table>`, then `R <row as JSON>` for each of its rows, and at the very end
 * `E {"<table>": <number of rows>, …}`.
 */

export type Line =
  | { readonly kind: 'table'; readonly table: string }
  /** `json`: as the database writes it, and reads it again; nothing in between understands it. */
  | { readonly kind: 'row'; readonly json: string }
  | { readonly kind: 'end'; readonly counts: Readonly<Record<string, number>> }

export const tableLine = (table: string): string => `T ${table}\n`
export const rowLine = (json: string): string => `R ${json}\n`
export const endLine = (counts: Readonly<Record<string, number>>): string => `E ${JSON.stringify(counts)}\n`

/** A row holds at most what a platform lets somebody send, in hex. */
const mostLineCharacters = 512 * 1024 * 1024

/** Throws `HearthError` where a line is none, and where the end is missing. */
export async function* readRows(content: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let waiting: string[] = []
  let characters = 0
  let ended = false
  for await (const bytes of content) {
    const pieces = decoder.decode(bytes, { stream: true }).split('\n')
    for (const [index, piece] of pieces.entries()) {
      waiting.push(piece)
      characters += piece.length
      if (characters > mostLineCharacters) throw backupFault('damaged')
      if (index === pieces.length - 1) break
      const line = parseLine(waiting.join(''))
      if (ended) throw backupFault('damaged')
      ended = line.kind === 'end'
      yield line
      waiting = []
      characters = 0
    }
  }
  if (!ended || characters > 0) throw backupFault('damaged')
}

function parseLine(text: string): Line {
  const rest = text.slice(2)
  switch (text.slice(0, 2)) {
    case 'T ':
      return { kind: 'table', table: rest }
    case 'R ':
      return { kind: 'row', json: rest }
    case 'E ':
      return { kind: 'end', counts: JSON.parse(rest) as Record<string, number> }
    default:
      throw backupFault('damaged')
  }
}
