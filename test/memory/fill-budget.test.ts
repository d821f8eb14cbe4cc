import { expect, test } from 'vitest'
import { fillBudget } from '../../src/memory/fill-budget.ts'
import { memoryOf } from './memories.ts'

const ranked = [
  { memory: memoryOf(5, 'late and short'), score: 3 },
  { memory: memoryOf(2, 'x'.repeat(100)), score: 2 },
  { memory: memoryOf(1, 'early'), score: 1 },
  { memory: memoryOf(3, 'too much'), score: 0 },
]
const lengths = ({ text }: { text: string }) => text.length

test('takes the best that fit, passes over what is too long, and puts them in the order of the talk', () => {
  expect(fillBudget(ranked, 20, lengths).map(({ text }) => text)).toEqual(['early', 'late and short'])
})

test('takes nothing where nothing fits', () => {
  expect(fillBudget(ranked, 3, lengths)).toEqual([])
  expect(fillBudget([], 100, lengths)).toEqual([])
})
