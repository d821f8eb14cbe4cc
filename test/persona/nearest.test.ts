import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from '../../src/core/nearest.ts'

const names = ['name', 'description', 'personality', 'temperature', 'topP', 'minP']

test.each([
  ['personalty', 'personality'],
  ['desciption', 'description'],
  ['temprature', 'temperature'],
  ['nmae', 'name'],
  ['top_p', 'topP'],
  ['MINP', 'minP'],
  ['Name', 'name'],
])('%s is taken for %s', (word, meant) => {
  expect(nearest(word, names)).toBe(meant)
})

test.each(['', 'x', 'zebra', 'colour', 'top', 'a'.repeat(10_000)])('nothing is near %j', (word) => {
  expect(nearest(word, ['name', 'description'])).toBeUndefined()
})

test('the first of equally near candidates wins', () => {
  expect(nearest('cat', ['bat', 'hat'])).toBe('bat')
})

test('an exact name beats a near one that stands before it', () => {
  expect(nearest('minP', ['topP', 'mint', 'minP'])).toBe('minP')
})

test('a swap of two neighbours is one slip', () => {
  expect(nearest('id', ['di', 'xx'])).toBe('di')
})

test('every name with one letter left out is found again', () => {
  fc.assert(
    fc.property(fc.constantFrom('description', 'personality', 'temperature'), fc.nat(), (name, at) => {
      const place = at % name.length
      expect(nearest(name.slice(0, place) + name.slice(place + 1), names)).toBe(name)
    }),
  )
})

test('whatever the word, the answer is a candidate or nothing', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (word) => {
      expect([undefined, ...names]).toContain(nearest(word, names))
    }),
  )
})
