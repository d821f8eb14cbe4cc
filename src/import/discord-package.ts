import { csvRows } from './csv.ts'
import { momentOf } from './dates.ts'
import type { Chunks, Entry, Format, Place } from './entry.ts'
import { tooLargeToSort } from './errors.ts'
import { digest, fieldsOf, fileInWords, textOf, withAttachments } from './fields.ts'
import { jsonPieces } from './json-pieces.ts'

const messageMostBytes = 1 << 20
/** Half a million messages: more than anybody writes in one channel. */
const keptMostChars = 64 << 20

/** There are four. */
const columnsMost = 20

interface Row {
  readonly id: string
  readonly timestamp: string
  readonly contents: string
  readonly attachments: string
}

/**
 * One channel of the data that Discord itself hands out: what the person wrote there, and nobody else. It has
 * been written from new to old and from old to new over the years, so all of it is read before the first.
 */
export const discordPackage: Format = {
  name: "a channel of Discord's own data package",
  read: (chunks) => inOrder(rowsOfJson(chunks)),
}

/** The same as it was written until 2024. */
export const discordPackageCsv: Format = {
  name: "a channel of Discord's own data package",
  read: (chunks) => inOrder(rowsOfCsv(chunks)),
}

const speaker = { id: 'person', names: ['you'], role: 'person' } as const

async function* inOrder(rows: AsyncIterable<Row | Entry>): AsyncGenerator<Entry> {
  const kept: Row[] = []
  let chars = 0
  for await (const row of rows) {
    if ('kind' in row) {
      yield row
      continue
    }
    chars += row.contents.length + row.attachments.length
    if (chars > keptMostChars) throw tooLargeToSort()
    kept.push(row)
  }
  // Ids count up in time, and have another number of digits only where they lie years apart.
  kept.sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : Number(a.id > b.id)))
  const conversation = digest('first', kept[0]?.id ?? '')
  for (const { id, timestamp, contents, attachments } of kept) {
    const files = attachments.split(/\s+/).filter((url) => url !== '')
    yield {
      kind: 'said',
      conversation,
      id,
      speaker,
      at: momentOf(timestamp, 'utc'),
      text: withAttachments(
        contents,
        files.map((url) => fileInWords(nameIn(url))),
      ),
    }
  }
}

async function* rowsOfJson(chunks: Chunks): AsyncGenerator<Row | Entry> {
  for await (const { text, place } of jsonPieces(chunks, '', messageMostBytes)) {
    if (text === undefined) yield { kind: 'left-out', reason: 'too-long', place }
    else yield rowOf(parseWithIds(text), place)
  }
}

async function* rowsOfCsv(chunks: Chunks): AsyncGenerator<Row | Entry> {
  let head: readonly string[] | undefined
  for await (const { cells, place } of csvRows(chunks, messageMostBytes)) {
    if (cells === undefined) yield { kind: 'left-out', reason: 'too-long', place }
    else if (head === undefined)
      head = cells.slice(0, columnsMost).map((name) => name.replace(/^\ufeff/, '').trim())
    else yield rowOf(Object.fromEntries(head.map((name, column) => [name, cells[column] ?? ''])), place)
  }
}

function rowOf(value: unknown, place: Place): Row | Entry {
  const { ID: id, Timestamp: timestamp, Contents: contents, Attachments: attachments } = fieldsOf(value)
  if (typeof id !== 'string' || !/^\d{1,30}$/.test(id) || typeof contents !== 'string') {
    return { kind: 'left-out', reason: 'unreadable', place }
  }
  return { id, timestamp: textOf(timestamp), contents, attachments: textOf(attachments) }
}

/** Ids are numbers there, and larger than a number holds: what the file has written is taken. */
function parseWithIds(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown, context?: { readonly source?: string }) =>
      key === 'ID' && typeof value === 'number' ? (context?.source ?? String(value)) : value,
    )
  } catch {
    return undefined
  }
}

/** The last part of the path of a link. */
function nameIn(url: string): string {
  const name = /\/([^/?#]+)(?:[?#].*)?$/.exec(url)?.[1] ?? ''
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
