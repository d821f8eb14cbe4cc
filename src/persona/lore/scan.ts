import type { LoreEntry, LoreKey, LoreSource } from '../../core/lore.ts'
import type { Candidate } from './candidate.ts'
import { type Haystack, haystack, occurs } from './match.ts'

export interface ScanMessage {
  /** Searched with the text, where people are told apart by their names. */
  readonly name?: string
  readonly text: string
}

export interface ScanTexts {
  /** Oldest first. */
  readonly messages: readonly ScanMessage[]
  readonly texts: Partial<Readonly<Record<LoreSource, string>>>
  /** Fills macros in a key. */
  readonly expandKey: (text: string) => string
}

/** In messages, as the authors of most books know it from SillyTavern. */
const usualDepth = 2
const mostDepth = 1_000
/** Some 10,000 words; what is older than that is not searched, however deep an entry looks. */
const mostCharacters = 64_000
/** Between texts: no key spans two of them, and it counts as the end of a word. */
const separator = '\n\u0001'

export interface Scan {
  /** The number of keys that occur; undefined where the entry's keys do not bring it in. */
  scoreOf(candidate: Candidate): number | undefined
  /** Whether what the decorators ask about words holds. */
  allows(candidate: Candidate): boolean
}

/** Searches the messages, and `brought`, what entries that came in have to say. */
export function createScan(input: ScanTexts, brought: readonly string[]): Scan {
  const stacks = new Map<string, Haystack>()
  const added = brought.map((text) => separator + text).join('')
  const hay = ({ entry, book }: Candidate): Haystack => {
    const depth = Math.min(mostDepth, Math.max(0, entry.scanDepth ?? book.scanDepth ?? usualDepth))
    const name = [depth, ...entry.alsoSearches].join()
    const known = stacks.get(name)
    if (known !== undefined) return known
    const made = haystack(searched(input, depth, entry) + added)
    stacks.set(name, made)
    return made
  }
  const found = (keys: readonly LoreKey[], candidate: Candidate): number => {
    const stack = hay(candidate)
    return keys.filter((key) => occurs(expanded(key, input.expandKey), stack, candidate.entry)).length
  }
  return {
    scoreOf(candidate) {
      const { keys, secondKeys, logic } = candidate.entry
      const first = found(keys, candidate)
      if (first === 0) return undefined
      if (secondKeys.length === 0) return first
      const second = found(secondKeys, candidate)
      const all = second === secondKeys.length
      switch (logic) {
        case 'any':
          return second > 0 ? first + second : undefined
        case 'all':
          return all ? first + second : undefined
        case 'not-any':
          return second === 0 ? first : undefined
        case 'not-all':
          return all ? undefined : first
      }
    },
    allows(candidate) {
      const { alsoKeys, withoutKeys } = candidate.entry.gates
      return (
        alsoKeys.every((keys) => found(keys, candidate) > 0) &&
        (withoutKeys.length === 0 || found(withoutKeys, candidate) === 0)
      )
    },
  }
}

function searched({ messages, texts }: ScanTexts, depth: number, { alsoSearches }: LoreEntry): string {
  const parts: string[] = []
  let characters = 0
  for (const { name, text } of depth === 0 ? [] : messages.slice(-depth).reverse()) {
    if (characters >= mostCharacters) break
    characters += text.length
    parts.push(name === undefined ? text : `${name}: ${text}`)
  }
  const said = parts.reverse().join(separator).slice(-mostCharacters)
  const more = alsoSearches.map((source) => texts[source] ?? '')
  return [separator, ...more, said].join(separator)
}

const filled = new WeakMap<LoreKey, { readonly text: string; readonly key: LoreKey }>()

function expanded(key: LoreKey, expandKey: (text: string) => string): LoreKey {
  if (key.kind === 'pattern' || !key.text.includes('{{')) return key
  const text = expandKey(key.text).trim().normalize('NFC')
  const known = filled.get(key)
  if (known?.text === text) return known.key
  const made: LoreKey = { kind: 'words', text }
  filled.set(key, { text, key: made })
  return made
}
