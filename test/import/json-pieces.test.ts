import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonPieces, type Piece } from '../../src/import/json-pieces.ts'
import { collect, inChunks } from './support.ts'

const piecesOf = (text: string | Uint8Array, mostBytes = 1 << 20, size = 5): Promise<readonly Piece[]> =>
  collect(jsonPieces(inChunks(Buffer.from(text), size), 'list', mostBytes))

const textsOf = async (text: string) => (await piecesOf(text)).map((piece) => piece.text)

it('gives the elements of a list, whatever they are and however they are written', async () => {
  const values = fc.array(fc.jsonValue())
  await fc.assert(
    fc.asyncProperty(values, fc.nat(3), fc.integer({ min: 1, max: 9 }), async (list, indent, size) => {
      const pieces = await piecesOf(JSON.stringify(list, undefined, indent), 1 << 20, size)
      expect(pieces.map(({ text }) => JSON.parse(text ?? ''))).toEqual(JSON.parse(JSON.stringify(list)))
    }),
    { numRuns: 200 },
  )
})

it('gives the members of an object, and of one of them the elements', async () => {
  const pieces = await piecesOf('{"a": {"list": [1]}, "list": [ {"b": 2} , "c]" ], "d": null}')
  expect(pieces.map(({ key, text }) => [key, text])).toEqual([
    ['a', '{"list": [1]}'],
    ['list', '{"b": 2}'],
    ['list', '"c]"'],
    ['d', 'null'],
  ])
})

it('says where each of them begins', async () => {
  const pieces = await piecesOf('\ufeff[\n  1,\n\n  {"a":\n 2}, 3]')
  expect(pieces.map(({ place }) => place)).toEqual([
    { line: 2, byte: 7 },
    { line: 4, byte: 13 },
    { line: 5, byte: 24 },
  ])
})

it('what is too long is passed over, and what follows is not', async () => {
  const pieces = await piecesOf(`[1, {"a": "${'x'.repeat(100)}"}, 2]`, 50)
  expect(pieces.map(({ text }) => text)).toEqual(['1', undefined, '2'])
})

it.each([
  ['is cut off', '[1, {"a": 2', ['1', '{"a": 2']],
  ['ends without its end', '[1', ['1']],
  ['ends after a comma', '[1,', ['1', '']],
  ['has a bracket too many', '[{"a": 1}}, 2]', ['{"a": 1}', '}', '2']],
  ['lacks a name', '{{"a": 1}, "list": [2]}', ['', '2']],
  ['lacks the end of a string', '[\n{"a": "x, "b": 1},\n{"c": 2}\n]', ['{"a": "x, "b": 1},\n', '{"c": 2}']],
])('what %s costs itself alone', async (_, text, pieces) => {
  expect(await textsOf(text)).toEqual(pieces)
})

it('never throws, and never makes up more than stands there', async () => {
  const bytes = fc.array(
    fc.constantFrom(...Array.from(' \n",:[]{}\\a1', (char) => char.charCodeAt(0)), 0xff),
    {
      maxLength: 200,
    },
  )
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 9 }), async (some, size) => {
      const pieces = await piecesOf(Uint8Array.from(some), 1 << 20, size)
      expect(pieces.length).toBeLessThanOrEqual(some.length + 1)
    }),
    { numRuns: 300 },
  )
})
