import { expect, it } from 'vitest'
import { toChatHistory } from '../../src/model/pocket-prompt.ts'

const system = (text: string) => ({ role: 'system', text }) as const
const user = (text: string) => ({ role: 'user', text }) as const
const assistant = (text: string) => ({ role: 'assistant', text }) as const

it('system messages after the last user message are read before it', () => {
  const prompt = [
    system('core'),
    user('hello'),
    assistant('hi'),
    user('my name?'),
    system('memory'),
    system('time'),
  ]
  expect(toChatHistory(prompt)).toEqual([
    { type: 'system', text: 'core' },
    { type: 'user', text: 'hello' },
    { type: 'model', response: ['hi'] },
    { type: 'system', text: 'memory\n\ntime' },
    { type: 'user', text: 'my name?' },
  ])
})

it('neighbouring system messages become one', () => {
  expect(toChatHistory([system('core'), system('summary'), user('hello'), system('time')])).toEqual([
    { type: 'system', text: 'core\n\nsummary\n\ntime' },
    { type: 'user', text: 'hello' },
  ])
})

it('several messages of a person stay apart and in order', () => {
  const history = toChatHistory([user('one'), user('two'), system('time')])
  expect(history.map((item) => ('text' in item ? item.text : ''))).toEqual(['one', 'time', 'two'])
})

it('a reply that is to be gone on with stays last', () => {
  expect(toChatHistory([user('one'), system('time'), assistant('Well')]).at(-1)).toEqual({
    type: 'model',
    response: ['Well'],
  })
})

it('a prompt without a person stays as it is, and images are left out', () => {
  expect(toChatHistory([system('greet')])).toEqual([{ type: 'system', text: 'greet' }])
  const images = [{ mediaType: 'image/png', bytes: new Uint8Array(3) }]
  expect(toChatHistory([{ ...user('look'), images }])).toEqual([{ type: 'user', text: 'look' }])
  expect(toChatHistory([])).toEqual([])
})
