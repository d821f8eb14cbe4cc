import type { Language } from './languages/language.ts'

interface Lexicon {
  readonly known: ReadonlySet<string>
  /** Word → the group that it alone may match. */
  readonly groupOf: ReadonlyMap<string, string>
  readonly persons: ReadonlySet<string>
}

const lexicons = new WeakMap<Language, Lexicon>()

function lexiconOf(language: Language): Lexicon {
  const before = lexicons.get(language)
  if (before !== undefined) return before
  const groupOf = new Map<string, string>()
  for (const group of [...language.persons, ...language.groups]) {
    for (const word of group) if (!groupOf.has(word)) groupOf.set(word, group[0] as string)
  }
  const known = new Set([
    ...groupOf.keys(),
    ...[language.free, language.be, language.have, language.negators, language.yes, language.no].flatMap(
      (set) => [...set],
    ),
    ...[language.strictPrepositions, language.prepositions, language.possessives].flatMap((set) => [...set]),
    ...[language.thirdPronouns, language.determiners, language.openers, language.clauseWords].flatMap(
      (set) => [...set],
    ),
    ...language.numbers.keys(),
    ...language.contractions.keys(),
  ])
  const made = { known, groupOf, persons: new Set(language.persons.flat()) }
  lexicons.set(language, made)
  return made
}

export const isPerson = (word: string, language: Language): boolean => lexiconOf(language).persons.has(word)

export const isKnownWord = (word: string, language: Language): boolean => lexiconOf(language).known.has(word)

/** Has a group of its own, and is no person: a verb in most cases. */
export const isActing = (word: string, language: Language): boolean => {
  const { groupOf, persons } = lexiconOf(language)
  return groupOf.has(word) && !persons.has(word)
}

/** One form for all forms of a word; two words with the same canon are the same word. */
export function canon(word: string, language: Language): string {
  const number = language.numbers.get(word)
  if (number !== undefined) return number
  const { groupOf } = lexiconOf(language)
  const group = groupOf.get(word)
  if (group !== undefined) return `=${group}`
  return word.replace(/^0+(?=\d)/, '')
}

const stemLeast = 3

/** `lives` and `living`, but not `live` and `liver`. */
function inflected(a: string, b: string, { endings }: Language): boolean {
  let same = 0
  while (same < a.length && a[same] === b[same]) same++
  if (same < stemLeast) return false
  const stem = a.slice(0, same)
  const ending = (word: string) => {
    const rest = word.slice(same)
    // Running, planned: the last letter of the stem is doubled.
    const plain = rest.length > 2 && rest[0] === stem.at(-1) ? rest.slice(1) : rest
    return plain === '' || (endings.has(plain) && (plain !== 'd' || stem.endsWith('e')))
  }
  return ending(a) && ending(b)
}

/** `exact`: for names, of which only a possessive s may be taken off. */
export function sameWord(a: string, b: string, language: Language, exact: boolean): boolean {
  if (a === b) return true
  if (exact) return a === `${b}s` || b === `${a}s`
  if (/\d/.test(a) || /\d/.test(b)) return canon(a, language) === canon(b, language)
  const one = canon(a, language)
  const other = canon(b, language)
  if (one.startsWith('=') || other.startsWith('=') || language.numbers.has(a) || language.numbers.has(b))
    return one === other
  return inflected(a, b, language)
}

export const isNumber = (word: string, language: Language): boolean =>
  /^\d/.test(word) || language.numbers.has(word)
