import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roomId } from '../../src/core/ids.ts'
import type { Memory, Vector } from '../../src/core/recall.ts'
import { AudienceIndex } from '../../src/memory/audience-index.ts'
import { type Precision, quantise } from '../../src/memory/quantise.ts'
import { rank } from '../../src/memory/rank.ts'
import { hearthRoom, memoryOf } from './memories.ts'

const otherRoom = roomId('018f4f1e-0000-7000-8000-000000000002')
const words = ['boat', 'harbour', 'bread', 'oven', 'snow', 'mountain', 'letter', 'brother', 'the', 'of']
const dimensions = 20

const text = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((said) => said.join(' '))
const embedding = fc
  .array(fc.integer({ min: -50, max: 50 }), { minLength: dimensions, maxLength: dimensions })
  .map((values) => Float32Array.from(values))

/** One step in the life of an index: the memory of this number is said, edited or gone. */
const step = fc.record({
  number: fc.integer({ min: 0, max: 14 }),
  text: fc.option(text, { nil: undefined }),
  embedding: fc.option(embedding, { nil: undefined }),
})
const numbered: readonly Memory[] = Array.from({ length: 15 }, (_, number) =>
  memoryOf(number, '', {
    room: number % 4 === 3 ? otherRoom : hearthRoom,
    speaker: number % 2 === 0 ? 'Ada' : 'Bob',
    anchor: number % 5 === 4 ? number - 2 : number,
    saidAtMs: Date.UTC(2024, 4, 1 + Math.floor(number / 4), 0, number),
  }),
)

describe.each(['int8', 'float32'] as const)('an index with vectors in %s', (precision: Precision) => {
  const empty = () => new AudienceIndex({ model: 'm', dimensions, precision })

  test('that has seen messages come, change and go is the one that is built from what is left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), text, embedding, (steps, asked, query) => {
        const lived = empty()
        const left = new Map<string, { memory: Memory; vector: Vector | undefined }>()
        for (const { number, text, embedding } of steps) {
          const memory = { ...(numbered[number] as Memory), text: text ?? '' }
          const vector = embedding && quantise('m', embedding, precision)
          if (text === undefined) {
            lived.remove(memory.id)
            left.delete(memory.id)
          } else {
            lived.put(memory, vector)
            left.set(memory.id, { memory, vector })
          }
        }
        const built = empty()
        for (const { memory, vector } of left.values()) built.put(memory, vector)
        expect(lived.size).toBe(left.size)
        for (const embedding of [undefined, query]) {
          const one = rank(lived, { text: asked, embedding }, 20)
          const other = rank(built, { text: asked, embedding }, 20)
          expect(one.map(({ memory }) => memory)).toEqual(other.map(({ memory }) => memory))
          for (const [at, { score }] of one.entries()) expect(score).toBeCloseTo(other[at]?.score ?? 0, 4)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('keeps nothing of what was removed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, embedding), { minLength: 1, maxLength: 20 }), (said) => {
        const index = empty()
        const memories = said.map(([text], number) => memoryOf(number, `zebra ${text}`))
        for (const [number, memory] of memories.entries()) {
          index.put(memory, quantise('m', said[number]?.[1] ?? new Float32Array(dimensions), precision))
        }
        for (const memory of memories) index.remove(memory.id)
        expect(index.size).toBe(0)
        expect(rank(index, { text: 'zebra' }, 10)).toEqual([])
        expect(index.words.termCount).toBe(0)
        expect([...index.speakers]).toEqual([])
        expect(index.vectors?.count).toBe(0)
        const scores = new Float32Array(index.slotCount)
        index.vectors?.score(new Float32Array(dimensions).fill(1), 1, scores)
        expect([...scores].every((score) => score === 0)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

test('a vector of another model is no vector', () => {
  const index = new AudienceIndex({ model: 'm', dimensions: 3, precision: 'int8' })
  index.put(memoryOf(1, 'boat'), quantise('other', Float32Array.of(1, 2, 3), 'int8'))
  index.put(memoryOf(2, 'boat'), quantise('m', Float32Array.of(1, 2), 'int8'))
  index.put(memoryOf(3, 'boat'), quantise('m', Float32Array.of(1, 2, 3), 'float32'))
  expect(index.vectors?.count).toBe(0)
  expect(index.withoutVector(2).map(({ position }) => position)).toEqual([3, 2])
})
