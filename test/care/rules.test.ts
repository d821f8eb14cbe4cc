import { expect, test } from 'vitest'
import { normalise } from '../../src/care/normalise.ts'
import { judgeSigns } from '../../src/care/rules/judge-signs.ts'
import { readSigns } from '../../src/care/rules/read-signs.ts'

const signsOf = (text: string) => readSigns(normalise(text))
const judge = (text: string) => judgeSigns(signsOf(text))

test.each([
  ['I just want to die', 'death-wish'],
  ['k m s', 'death-wish'],
  ['ich will nicht mehr leben', 'death-wish'],
  ["j'ai envie de mourir", 'death-wish'],
  ['no quiero seguir', 'death-wish'],
  ['vorrei sparire', 'death-wish'],
  ['I wrote them letters', 'farewell'],
  ['Danke für alles', 'farewell'],
  ['I cut myself again', 'self-harm'],
  ['hab mich wieder geritzt', 'self-harm'],
  ['je me suis coupée', 'self-harm'],
  ['I am going to kill him', 'threat'],
  ['lo voy a matar', 'threat'],
  ['my dad hits me', 'abuse'],
  ['mio padre mi picchia', 'abuse'],
  ['somebody is following me', 'danger'],
  ['er atmet nicht', 'danger'],
])('%j has the sign %s', (text, sign) => {
  expect(signsOf(text)).toContain(sign)
})

test.each([
  ["don't worry, I would never kill myself", 'negated'],
  ['I wanted to die years ago', 'past'],
  ['there is this song: "I want to die, my love"', 'told'],
  ['my character wants to die in this game', 'fiction'],
  ['a caller on the helpline said: I want to die', 'work'],
  ['I want to die lol', 'idiom'],
  ['mein Opa wollte sterben', 'third'],
])('%j is heard but not taken at its word (%s)', (text, sign) => {
  expect(signsOf(text)).toContain(sign)
  expect(judge(text)).toBe('heard')
})

test('what somebody says of themself, without anything that softens it, is loud', () => {
  expect(judge('I want to die')).toBe('loud')
  expect(judge('ich will sterben')).toBe('loud')
})

test('words inside other words are no signs', () => {
  expect(judge('my skills are killer-free, the diet went well')).toBe('silent')
  expect(judge('i am the one to blame for the late train')).toBe('silent')
  expect(judge('what a lovely morning')).toBe('silent')
})
