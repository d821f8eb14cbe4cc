import { stemmer } from 'stemmer'
import { stopWords } from './stop-words.ts'
import { addToHash, emptyHash } from './written-words.ts'

const languages = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl']
/** An English modal verb too: a month only where it is written like one. */
const may = 'may'

const monthTokens: readonly string[] = Array.from({ length: 12 }, (_, month) => `month ${month}`)

/** `march`, `März` and `mars` are the same month. */
const months: ReadonlyMap<string, string> = new Map(
  languages.flatMap((language) => {
    const format = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' })
    return monthTokens.map((token, month): [string, string] => [
      format.format(Date.UTC(2000, month, 15)).toLowerCase(),
      token,
    ])
  }),
)

/** Letters, digits and the marks on letters, with an apostrophe inside. */
const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’][\p{L}\p{M}]+)*/gu
const englishEnding = /['’](?:s|m|re|ve|ll|d|t)$/
/** Scripts without spaces: every two characters that stand together are a word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

const [other, letter, digit] = [0, 1, 2]
/** Of ASCII's characters. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[A-Za-z]/.test(character) ? letter : /[0-9]/.test(character) ? digit : other
})
const apostrophe = 39
const beyondAscii = /[^\0-\x7f]/

/** The words of a text that can be searched for, as stems; in their order, each as often as it stands there. */
export function tokenise(text: string): readonly string[] {
  return (text.match(word) ?? []).flatMap(tokensOf)
}

/** Whether a text has so many of them. Most show it by their first line. */
export function hasWords(text: string, least: number): boolean {
  let count = 0
  for (const [written] of text.matchAll(word)) {
    count += tokensOf(written).length
    if (count >= least) return true
  }
  return false
}

/**
 * Where the words stand that `tokensOf` takes, in their order, each with the hash of its characters. What is all
 * ASCII is gone through here, twice as quickly as by the expression.
 */
export function eachWord(text: string, visit: (from: number, to: number, hash: number) => void): void {
  if (beyondAscii.test(text)) {
    for (const { 0: written, index } of text.matchAll(word)) {
      let hash = emptyHash
      for (let at = 0; at < written.length; at++) hash = addToHash(hash, written.charCodeAt(at))
      visit(index, index + written.length, hash)
    }
    return
  }
  for (let at = 0; at < text.length; ) {
    if (kinds[text.charCodeAt(at)] === other) {
      at++
      continue
    }
    const from = at
    let hash = emptyHash
    let onlyLetters = false
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === apostrophe && kinds[text.charCodeAt(at + 1)] === letter) onlyLetters = true
      else if (onlyLetters ? kinds[code] !== letter : kinds[code] === other) break
      hash = addToHash(hash, code)
    }
    visit(from, at, hash)
  }
}

/** What a question about that day would say: `18`, May, `2023`. */
export function dateTokens(atMs: number): readonly string[] {
  const at = new Date(atMs)
  return [String(at.getUTCDate()), monthTokens[at.getUTCMonth()] ?? '', String(at.getUTCFullYear())]
}

/**
 * The stemmer is Porter's, which is made for English: on LoCoMo three points above none, and with other languages it
 * does little harm.
 */
export function tokensOf(written: string): readonly string[] {
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
