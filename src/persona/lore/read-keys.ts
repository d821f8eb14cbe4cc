import type { LoreKey } from '../../core/lore.ts'
import { type Json, listOf, textOf } from '../card/json.ts'

/** `'pattern'`: keys are regular expressions as they stand; else only what is written `/…/flags`. */
export type KeyStyle = 'words' | 'pattern'

const mostKeys = 200
const longestKey = 1_000

/**
 * Keys as they are really written: an empty one would match everything, one with a comma in it was meant as
 * several, and spaces around one are slips.
 */
export function readKeys(value: Json | undefined, style: KeyStyle): readonly LoreKey[] {
  const written = typeof value === 'string' ? [value] : listOf(value).map(textOf)
  return written
    .flatMap((text): readonly LoreKey[] => {
      const pattern = patternOf(text.trim())
      if (pattern !== undefined) return [pattern]
      if (style === 'pattern') return [{ kind: 'pattern', source: text, flags: '', bare: true }]
      return text.split(/[,，]/).map((part) => ({ kind: 'words', text: part.trim().normalize('NFC') }))
    })
    .filter((key) => {
      const { length } = key.kind === 'words' ? key.text : key.source
      return length > 0 && length <= longestKey
    })
    .slice(0, mostKeys)
}

function patternOf(text: string): LoreKey | undefined {
  const found = /^\/(.+)\/([dgimsuvy]*)$/s.exec(text)
  const [, source, flags] = found ?? []
  return source === undefined ? undefined : { kind: 'pattern', source, flags: flags ?? '', bare: false }
}
