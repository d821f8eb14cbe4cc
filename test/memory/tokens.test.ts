import { expect, test } from 'vitest'
import { dateTokens, tokenise } from '../../src/memory/tokens.ts'

test('forms of a word are one token, and small words are none', () => {
  expect(tokenise('The painters were painting a Painting')).toEqual(['painter', 'paint', 'paint'])
  expect(tokenise("I'm at Ada’s house, aren't I?")).toEqual(tokenise('ada house aren'))
  expect(tokenise('und der Hund, ou le chien')).toEqual(['hund', 'chien'])
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
