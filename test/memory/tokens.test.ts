import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dateTokens, eachWord, tokenise, tokensOf } from '../../src/memory/tokens.ts'
import { WrittenWords } from '../../src/memory/written-words.ts'

test('forms of a word are one token, and small words are none', () => {
  expect(tokenise('The painters were painting a Painting')).toEqual(['painter', 'paint', 'paint'])
  expect(tokenise("I'm at Ada’s house, aren't I?")).toEqual(tokenise('ada house aren'))
  expect(tokenise('und der Hund, ou le chien')).toEqual(['hund', 'chien'])
})

test('names, and what means something in another language, are no small words', () => {
  expect(tokenise('Mia, Ella and Una in a van')).toEqual(['mia', 'ella', 'una', 'van'])
  expect(tokenise('AI dies in a den')).toEqual(['ai', 'di', 'den'])
})

test('months are the same in every language; may is one where it is written like one', () => {
  expect(tokenise('März 2023')).toEqual(tokenise('march 2023'))
  expect(tokenise('May')).toEqual(['month 4'])
  expect(tokenise('it may be so')).toEqual([])
  expect(dateTokens(Date.UTC(2023, 4, 18))).toEqual(['18', 'month 4', '2023'])
})

test('scripts without spaces are cut into pairs', () => {
  expect(tokenise('東京駅')).toEqual(['東京', '京駅'])
})

test('no text is too strange', () => {
  expect(tokenise('')).toEqual([])
  expect(tokenise('\ud800 !? 👩‍👩‍👧')).toEqual([])
  expect(tokenise('x'.repeat(100_000))).toHaveLength(1)
})

test('words are found where they stand as they are by their expression', () => {
  const piece = fc.constantFrom('a', 'Zb', '7', "'", '’', ' ', '-', '.', '_', 'é', '\u0301', '東', '\ud800')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const written = new WrittenWords<readonly string[]>()
        // Twice: made, and then found.
        for (let times = 0; times < 2; times++) {
          const tokens: string[] = []
          eachWord(text, (from, to, hash) => tokens.push(...written.read(text, from, to, hash, tokensOf)))
          expect(tokens).toEqual(tokenise(text))
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('words of the same hash are told apart, and all of many are known', () => {
  const written = new WrittenWords<string>()
  const read = (word: string, hash: number, make = (found: string) => found) =>
    written.read(`<${word}>`, 1, 1 + word.length, hash, make)
  const words = Array.from({ length: 1_500 }, (_, number) => `w${number}`)
  for (const [number, word] of words.entries()) expect(read(word, number % 1_000)).toBe(word)
  const made = () => 'made anew'
  for (const [number, word] of words.entries()) expect(read(word, number % 1_000, made)).toBe(word)
  expect(written.size).toBe(1_500)
})
