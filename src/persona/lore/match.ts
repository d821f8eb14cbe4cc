import { RE2JS } from 're2js'
import type { LoreKey } from '../../core/lore.ts'

export interface MatchManner {
  readonly caseSensitive: boolean
  readonly wholeWords: boolean
}

/** What is searched, in the two forms that keys are compared with. */
export interface Haystack {
  readonly exact: string
  readonly folded: string
}

export function haystack(text: string): Haystack {
  const exact = text.normalize('NFC')
  return { exact, folded: exact.toLowerCase() }
}

/** Characters at the end of the text that patterns search: they cost a hundred times what words cost. */
const patternReach = 16_000

/**
 * Whether the key occurs. Words are whole words where they are written with spaces between them; Chinese,
 * Japanese, Korean, Thai and their neighbours are found anywhere, and so is a key of several words.
 */
export function occurs(key: LoreKey, { exact, folded }: Haystack, manner: MatchManner): boolean {
  if (key.kind === 'pattern') return compiled(key, manner)?.test(exact.slice(-patternReach)) ?? false
  const text = manner.caseSensitive ? exact : folded
  const wanted = manner.caseSensitive ? key.text : key.text.toLowerCase()
  // First, since most keys of a large book occur nowhere.
  if (!text.includes(wanted)) return false
  if (!manner.wholeWords || /\s/.test(wanted)) return true
  const before = isInWord(edgeOf(wanted, 'first'))
  const after = isInWord(edgeOf(wanted, 'last'))
  // From the newest words on; the bound is for texts that are one letter again and again.
  let at = text.lastIndexOf(wanted)
  for (let tries = 0; at !== -1 && tries < mostPlaces; tries++) {
    const end = at + wanted.length
    const free =
      !(before && isInWord(edgeOf(text.slice(Math.max(0, at - 2), at), 'last'))) &&
      !(after && isInWord(edgeOf(text.slice(end, end + 2), 'first')))
    if (free) return true
    at = at === 0 ? -1 : text.lastIndexOf(wanted, at - 1)
  }
  return false
}

const mostPlaces = 100

/** The first or last whole character; empty for an empty text. */
function edgeOf(text: string, which: 'first' | 'last'): string {
  const code = text.charCodeAt(which === 'first' ? 0 : text.length - 1)
  const paired = code >= 0xd800 && code <= 0xdfff
  if (which === 'first') return text.slice(0, paired ? 2 : 1)
  return text.slice(paired ? -2 : -1)
}

const unspacedScripts = [
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Thai',
  'Lao',
  'Khmer',
  'Myanmar',
  'Tibetan',
]
const unspaced = unspacedScripts.map((name) => `\\p{Script=${name}}`).join('')
const inWord = new RegExp(`^(?![${unspaced}])[\\p{L}\\p{M}\\p{N}_]$`, 'u')
const isInWord = (character: string): boolean =>
  character < '\u0080' ? /^\w$/.test(character) : inWord.test(character)

/** Patterns of one key are compiled once; undefined for one that is no regular expression here. */
const patterns = new WeakMap<LoreKey, Map<boolean, RE2JS | undefined>>()

function compiled(
  key: Extract<LoreKey, { kind: 'pattern' }>,
  { caseSensitive }: MatchManner,
): RE2JS | undefined {
  const known = patterns.get(key) ?? new Map<boolean, RE2JS | undefined>()
  patterns.set(key, known)
  if (!known.has(caseSensitive)) known.set(caseSensitive, compile(key.source, flagsOf(key, caseSensitive)))
  return known.get(caseSensitive)
}

/** `/…/` says itself what it wants; a bare pattern goes by the entry. */
function flagsOf(key: Extract<LoreKey, { kind: 'pattern' }>, caseSensitive: boolean): number {
  const { flags, bare } = key
  return (
    (flags.includes('i') || (bare && !caseSensitive) ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes('m') ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0)
  )
}

/** A pattern of 300 characters with 31 gaps has 200. The time of a search grows with it. */
const mostInstructions = 1_000

/** RE2 knows no look-around and no back-references: what has them matches nothing. */
function compile(source: string, flags: number): RE2JS | undefined {
  try {
    const pattern = RE2JS.compile(RE2JS.translateRegExp(source), flags)
    return pattern.programSize() <= mostInstructions ? pattern : undefined
  } catch {
    return undefined
  }
}

export function isPattern(key: LoreKey): boolean {
  return key.kind === 'words' || compiled(key, { caseSensitive: true, wholeWords: false }) !== undefined
}
