import { expect, it } from 'vitest'
import { numbersIn } from '../../src/turn/memory-words.ts'

it.each([
  ['12', [12]],
  ['3, 4 and #12', [3, 4, 12]],
  ['3 und 4', [3, 4]],
  ['3 et 4', [3, 4]],
  ['3, 4 y 5', [3, 4, 5]],
  ['3 e 4', [3, 4]],
  ['numbers 3 & 4', [3, 4]],
  ['number 3 and number 4', [3, 4]],
  ['Nummer 3 und Nummer 4', [3, 4]],
  ['3 dogs', []],
  ['room 3 and 4', []],
  ['3 and', [3]],
  ['and', []],
  ['number', []],
])('the numbers in “%s” are %j', (text, numbers) => {
  expect(numbersIn(text)).toEqual(numbers)
})
