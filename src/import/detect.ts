import { chatGpt } from './chatgpt.ts'
import { discordExporter } from './discord-exporter.ts'
import { discordPackage, discordPackageCsv } from './discord-package.ts'
import { element } from './element.ts'
import { beginsLikeElementText, createElementText } from './element-text.ts'
import type { Format } from './entry.ts'
import { notUtf8, unknownFormat } from './errors.ts'
import { sillyTavern } from './sillytavern.ts'

/** How much of a file is looked at. */
export const headBytes = 64 << 10

/** Names that only one format has. Within the words of a message their quotes have a backslash before them. */
const marks: readonly (readonly [RegExp, Format])[] = [
  [/"(?:user_name|character_name|chat_metadata|is_user)"\s*:/, sillyTavern],
  [/"(?:guild|dateRange)"\s*:\s*\{/, discordExporter],
  [/"(?:room_name|room_creator|exported_by)"\s*:/, element],
  [/"(?:mapping|current_node)"\s*:/, chatGpt],
  [/"Contents"\s*:/, discordPackage],
]

/** Also one that is empty. */
export const isZip = (head: Uint8Array): boolean =>
  /^PK(?:\x03\x04|\x05\x06)/.test(Buffer.from(head.subarray(0, 4)).toString('latin1'))

/**
 * By what stands at its beginning, whatever the file is called.
 * Throws `HearthError`: `import-unknown-format`, `import-not-utf8`.
 */
export function detectFormat(head: Uint8Array): Format {
  const text = utf8Of(head).trimStart()
  if (text.startsWith('{') || text.startsWith('[')) {
    const found = marks
      .map(([mark, format]) => ({ format, at: text.search(mark) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0]
    if (found === undefined) throw unknownFormat()
    return found.format
  }
  const [line = ''] = text.split(/\r?\n/, 1)
  if (/^"?ID"?,"?Timestamp"?,"?Contents"?/.test(line)) return discordPackageCsv
  if (beginsLikeElementText(line)) return createElementText()
  throw unknownFormat()
}

/** Without a byte order mark. Throws where it is written otherwise, as in UTF-16 or Latin-1. Its end may be cut off. */
function utf8Of(head: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
  } catch {
    throw notUtf8()
  }
}
