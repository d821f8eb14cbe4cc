import { expect, test } from 'vitest'
import { normalise } from '../../src/care/normalise.ts'

test.each([
  ['I WANT  to\ndie', 'i want to die'],
  ['k m s', 'kill myself'],
  ['k.m.s. please', 'kill myself. please'],
  ['s-u-i-c-i-d-e', 'suicide'],
  ['su1c1de', 'suicide'],
  ['5uicide', 'suicide'],
  ['k1ll mys3lf', 'kill myself'],
  ['su*cide', 'suicide'],
  ['s\u200bui\u200dcide', 'suicide'],
  ['ѕuісіdе', 'suicide'],
  ['ｄｉｅ', 'die'],
  ['ich will steeeerben', 'ich will sterben'],
  ['Mörder, weiß', 'morder, weiss'],
  ['j’en peux plus', "j'en peux plus"],
  ['unalive', 'kill'],
])('%j is read as %j', (text, read) => {
  expect(normalise(text)).toBe(read)
})

test.each(['at 3pm', 'vitamin b12', '2nd', 'mp3', '10 o clock', 'a b', 'wait!', "rock 'n' roll", '5€'])(
  '%j is read as it stands',
  (text) => {
    expect(normalise(text)).toBe(text)
  },
)

test('a word that is masked and fits nothing stays masked', () => {
  expect(normalise('what the f**k')).toBe('what the f**k')
})

test('of a wall of text the beginning and the end are read, and hostile text stays small', () => {
  const read = normalise(`first ${'blah '.repeat(250_000)} last`)
  expect(read.startsWith('first blah')).toBe(true)
  expect(read.endsWith('blah last')).toBe(true)
  expect(normalise('\ufdfa'.repeat(1_000_000)).length).toBeLessThanOrEqual(4100)
  expect(normalise('\u0000\u001b[31m\u202edie\ud800')).toBe('[31mdie\ufffd')
  expect(normalise('a'.repeat(1_000_000))).toBe('a a')
  expect(normalise('')).toBe('')
})
