import { stemmer } from 'stemmer'
import { stopWords } from './stop-words.ts'

const languages = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl']
/** An English modal verb too: a month only where it is written like one. */
const may = 'may'

/** `march`, `März` and `mars` are the same month. */
const months: ReadonlyMap<string, string> = new Map(
  languages.flatMap((language) => {
    const format = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' })
    return Array.from({ length: 12 }, (_, month): [string, string] => [
      format.format(Date.UTC(2000, month, 15)).toLowerCase(),
      monthToken(month),
    ])
  }),
)

function monthToken(month: number): string {
  return `month ${month}`
}

/** Letters, digits and the marks on letters, with an apostrophe inside. */
const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’][\p{L}\p{M}]+)*/gu
const englishEnding = /['’](?:s|m|re|ve|ll|d|t)$/
/** Scripts without spaces: every two characters that stand together are a word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** Words that were worked out already. Whoever keeps it keeps what people said: let go of it soon. */
export type KnownWords = Map<string, readonly string[]>

/**
 * The words of a text that can be searched for, as stems; in their order, each as often as it stands there. With
 * `known` each word of many texts is worked out once.
 */
export function tokenise(text: string, known: KnownWords = new Map()): readonly string[] {
  const tokens: string[] = []
  for (const written of text.match(word) ?? []) {
    let own = known.get(written)
    if (own === undefined) {
      own = tokensOf(written)
      known.set(written, own)
    }
    for (const token of own) tokens.push(token)
  }
  return tokens
}

/** What a question about that day would say: `18`, May, `2023`. */
export function dateTokens(atMs: number): readonly string[] {
  const at = new Date(atMs)
  return [String(at.getUTCDate()), monthToken(at.getUTCMonth()), String(at.getUTCFullYear())]
}

/**
 * The stemmer is Porter's, which is made for English: on LoCoMo three points above none, and with other languages it
 * does little harm.
 */
function tokensOf(written: string): readonly string[] {
  const lower = written.toLowerCase().replaceAll('’', "'").replace(englishEnding, '')
  const month = lower === may && written === may ? undefined : months.get(lower)
  if (month !== undefined) return [month]
  if (unspaced.test(lower)) return pairs(lower)
  return stopWords.has(lower) ? [] : [stemmer(lower)]
}

function pairs(text: string): readonly string[] {
  const characters = [...text]
  if (characters.length < 2) return characters
  return characters.slice(1).map((character, at) => `${characters[at] ?? ''}${character}`)
}
