import type { Lorebook, LoreEntry } from '../../core/lore.ts'
import { cleanText } from '../../core/text.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  textOf,
  truthOf,
} from '../card/json.ts'
import { entryId, type Origin, readEntry } from './read-entry.ts'

/** The largest public books have some 3,000 entries, with five keys each. */
const mostEntries = 10_000
const mostKeys = 30_000

/** The book in a file of its own: a SillyTavern world, a V3 lorebook or a bare one; undefined for anything else. */
export function bookIn(root: Json): JsonObject | undefined {
  if (!isObject(root)) return undefined
  const inner = objectOf(root.data)
  if (root.spec === 'lorebook_v3' || (!hasEntries(root) && hasEntries(inner))) return inner
  return hasEntries(root) ? root : undefined
}

const hasEntries = (value: JsonObject): boolean => {
  const entries = value.entries
  return Array.isArray(entries) || isObject(entries)
}

/** Takes a book of any program as it was meant. A world's entries stand in an object, a card's in a list. */
export function readBook(raw: JsonObject, id: string): Lorebook {
  const written = raw.entries
  const origin: Origin = Array.isArray(written) ? 'card' : 'world'
  const all = (Array.isArray(written) ? listOf(written) : Object.values(objectOf(written))).slice(
    0,
    mostEntries,
  )
  const taken = new Set<string>()
  let keysLeft = mostKeys
  const entries = all.flatMap((each, index): readonly LoreEntry[] => {
    const own = entryId(each)
    const unique = own === '' || taken.has(own) ? `#${index}` : own
    taken.add(unique)
    const entry = readEntry(each, unique, origin)
    if (entry === undefined) return []
    keysLeft -= keyCount(entry)
    return keysLeft < 0 ? [] : [entry]
  })
  const rooms = listOf(objectOf(objectOf(raw.extensions).hearth).rooms)
    .map(textOf)
    .filter((room) => room !== '')
  return {
    id,
    name: cleanText(textOf(raw.name)).slice(0, 200),
    // Some sites write 0 for "as usual"; a book that searches nothing is no book.
    scanDepth: positive(raw.scan_depth ?? raw.scanDepth),
    budgetTokens: positive(raw.token_budget ?? raw.tokenBudget),
    recursive: truthOf(raw.recursive_scanning ?? raw.recursiveScanning),
    ...(rooms.length > 0 && { rooms }),
    entries,
  }
}

const keyCount = ({ keys, secondKeys, gates }: LoreEntry): number =>
  keys.length + secondKeys.length + gates.withoutKeys.length + gates.alsoKeys.flat().length

function positive(value: Json | undefined): number | undefined {
  const number = numberOf(value)
  return number === undefined || number <= 0 ? undefined : number
}
