import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { detectFormat } from '../../src/import/detect.ts'
import type { Chunks, Entry, Format } from '../../src/import/entry.ts'

const folder = path.join(import.meta.dirname, '../fixtures/import')

export const fixtures = [
  'sillytavern.jsonl',
  'sillytavern-group.jsonl',
  'discord-exporter.json',
  'discord-package.json',
  'discord-package.csv',
  'element.json',
  'element.txt',
  'chatgpt.json',
] as const

export const fixture = (name: string): Promise<Buffer> => readFile(path.join(folder, name))

/** In pieces of that many bytes, so that every boundary falls somewhere. */
export async function* inChunks(bytes: Uint8Array, size: number): Chunks {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function entriesOf(
  bytes: Uint8Array,
  size = 1 << 16,
  format?: Format,
): Promise<readonly Entry[]> {
  return await collect((format ?? detectFormat(bytes)).read(inChunks(bytes, size)))
}

/** `1 Ada 2024-01-03T16:15:00.000Z: words`, and `- unreadable 8`; conversations and messages are numbered. */
export function inShort(entries: readonly Entry[]): readonly string[] {
  const conversations: string[] = []
  const ids = new Set<string>()
  return entries.map((entry) => {
    switch (entry.kind) {
      case 'left-out':
        return `- ${entry.reason} ${entry.place.line}`
      case 'named':
        return `- ${entry.speaker} is ${entry.name}`
      case 'edit':
        return `- ${entry.speaker} edits ${entry.target}: ${entry.text}`
      case 'deletion':
        return `- ${entry.target} goes`
      case 'said': {
        if (!conversations.includes(entry.conversation)) conversations.push(entry.conversation)
        const again = ids.has(entry.id) ? ' again' : ''
        ids.add(entry.id)
        const who = entry.speaker.names[0]
        return `${conversations.indexOf(entry.conversation)} ${who}${again} ${entry.at?.toISOString() ?? '?'}: ${entry.text}`
      }
    }
    return ''
  })
}
