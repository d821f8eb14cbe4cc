import { describe, expect, it } from 'vitest'
import type { CardParts } from '../../src/core/persona.ts'
import { readBook } from '../../src/persona/lore/read-book.ts'
import { personaFrom } from '../../src/persona/read.ts'
import { personaVersion } from '../../src/persona/version.ts'
import { testPersona } from '../support/persona.ts'

const card: CardParts = {
  systemPrompt: '',
  note: undefined,
  groupGreetings: [],
  talkativeness: undefined,
  creator: 'somebody',
  creatorNotes: '',
  characterVersion: '1',
  tags: [],
}

describe('the version of a persona', () => {
  it('is the same in every process, in whatever order the fields stand', () => {
    const yaml = 'name: Wren\ndescription: You are Wren.\nmodel: { seed: 7, temperature: 1 }\n'
    const turned = 'model: { temperature: 1.0, seed: 7 }\ndescription: >\n  You are Wren.\nname: Wren\n'
    const [one, other] = [yaml, turned].map((source) => personaFrom(source, testPersona.id, 'wren'))
    if (!one?.ok || !other?.ok) throw new Error('they read')
    expect(personaVersion(one.persona)).toBe('17eaf04d9c46')
    expect(personaVersion(other.persona)).toBe(personaVersion(one.persona))
  })

  it.each([
    ['a text', { reminder: 'Be brief.' }],
    ['a greeting', { greetings: ['Fog again.'] }],
    ['a setting of the model', { model: { sampling: { temperature: 0.1 } } }],
    ['the budget', { budget: { contextTokens: 4_096, replyTokens: 201 } }],
    [
      'an entry of its lore',
      { lore: [readBook({ entries: [{ keys: ['lamp'], content: 'It turns.' }] }, 'a')] },
    ],
    ["a card's system prompt", { card: { ...card, systemPrompt: 'Speak.' } }],
  ])('is another with another %s', (_, change) => {
    expect(personaVersion({ ...testPersona, ...change })).not.toBe(personaVersion(testPersona))
  })

  it.each([
    ['manners', { manners: { settleMs: 3 } }],
    ['picture', { avatar: { mediaType: 'image/png', bytes: new Uint8Array(3) } }],
    ['tags', { card: { ...card, tags: ['sea'], creator: 'another' } }],
  ])('does not ask for its %s', (_, change) => {
    const plain = { ...testPersona, card }
    expect(personaVersion({ ...plain, ...change })).toBe(personaVersion(plain))
  })
})
