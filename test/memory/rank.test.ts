import { expect, test } from 'vitest'
import { AudienceIndex } from '../../src/memory/audience-index.ts'
import { quantise } from '../../src/memory/quantise.ts'
import { rank } from '../../src/memory/rank.ts'
import { memoryOf } from './memories.ts'

const silenceMs = 24 * 60 * 60_000

function indexOf(texts: readonly string[], embeddings: readonly (readonly number[])[] = []): AudienceIndex {
  const index = new AudienceIndex({ model: 'm', dimensions: 3, precision: 'int8' })
  for (const [at, text] of texts.entries()) {
    const embedding = embeddings[at]
    index.put(
      memoryOf(at, text, { saidAtMs: at * silenceMs }),
      embedding && quantise('m', Float32Array.from(embedding), 'int8'),
    )
  }
  return index
}

const texts = (index: AudienceIndex, text: string, embedding?: readonly number[]) =>
  rank(index, { text, embedding: embedding && Float32Array.from(embedding) }, 2).map(
    ({ memory }) => memory.text,
  )

const said = [
  'My brother builds boats.',
  'The bread burned in the oven.',
  'Snow fell on the pass.',
  'It is late.',
]

test('without an embedding words decide, in whichever form', () => {
  expect(texts(indexOf(said), 'who was building a boat?')[0]).toBe(said[0])
})

test('meaning decides where no words are shared', () => {
  const index = indexOf(said, [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 1, 1],
  ])
  expect(texts(index, 'roads will be closed tomorrow', [0.1, 0, 1])[0]).toBe(said[2])
})

test('words decide against meaning where one memory has nearly all of them', () => {
  const index = indexOf(said, [
    [0.5, 0.5, 0],
    [0, 1, 0],
    [0, 0.7, 0.7],
    [1, 1, 1],
  ])
  expect(texts(index, 'the brother with the boats', [0.2, 0.9, 0.1])[0]).toBe(said[0])
})

test('words decide too where they stand at the end of a long message', () => {
  const index = indexOf(said, [
    [0.5, 0.5, 0],
    [0, 1, 0],
    [0, 0.7, 0.7],
    [1, 1, 1],
  ])
  const ramble =
    'Ugh, what a morning: the tram was packed, the printer ate all slides, and somebody microwaved fish in our kitchenette before the client arrived. '
  expect(texts(index, `${ramble}Which brother builds boats?`, [0.2, 0.9, 0.1])[0]).toBe(said[0])
  expect(texts(index, `${ramble}Nobody minded.`, [0.2, 0.9, 0.1])[0]).toBe(said[1])
})

test('an answer is found by the words of its question', () => {
  const index = new AudienceIndex(undefined)
  const talk = [
    'Rain fell on every roof in town yesterday evening.',
    'Where did you buy that violin?',
    'An old man sold it near Cremona last autumn.',
    'Snow covered every roof in town this morning again.',
  ]
  for (const [at, text] of talk.entries()) index.put(memoryOf(at, text), undefined)
  for (let at = 4; at < 12; at++) index.put(memoryOf(at, 'Rain.', { saidAtMs: at * silenceMs }), undefined)
  expect(texts(index, 'violin').slice(0, 2)).toEqual([talk[1], talk[2]])
})

test('a day is found by its date, in any of the languages whose months are known', () => {
  const index = indexOf(Array.from({ length: 60 }, (_, day) => `Nothing happened, number ${day}`))
  for (const asked of ['12 February 1970', 'am 12. Februar 1970', 'le 12 février 1970']) {
    expect(texts(index, asked)[0]).toBe('Nothing happened, number 42')
  }
})

test('of two who said the same, the one who is named comes first', () => {
  const index = new AudienceIndex(undefined)
  index.put(memoryOf(1, 'I have a dog.', { speaker: 'Bob' }), undefined)
  index.put(memoryOf(2, 'I have a dog.', { speaker: 'Ada', saidAtMs: silenceMs }), undefined)
  const first = (text: string) => rank(index, { text }, 1)[0]?.memory.speaker
  expect(first('does Bob have a dog?')).toBe('Bob')
  expect(first('does Ada have a dog?')).toBe('Ada')
})

test('nothing is recalled from nothing', () => {
  expect(rank(new AudienceIndex(undefined), { text: 'boat' }, 5)).toEqual([])
})
