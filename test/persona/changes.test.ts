import { describe, expect, it } from 'vitest'
import type { Persona } from '../../src/core/persona.ts'
import { personaChanges } from '../../src/persona/changes.ts'
import { readBook } from '../../src/persona/lore/read-book.ts'
import { testPersona } from '../support/persona.ts'

const lore = (entries: readonly { readonly comment: string; readonly content: string }[]) => [
  readBook(
    { entries: entries.map((entry, uid) => ({ uid, id: uid, name: entry.comment, keys: ['a'], ...entry })) },
    'sea',
  ),
]
const told = (before: Partial<Persona>, after: Partial<Persona>) =>
  personaChanges({ ...testPersona, ...before }, { ...testPersona, ...after }).map(
    ({ what, change }) => `${what}: ${change}`,
  )

describe('what is other in a persona', () => {
  it('is nothing where nothing is', () => {
    expect(told({}, {})).toEqual([])
  })

  it('is told by lines and characters of a text, and never by its words', () => {
    expect(told({ scenario: 'a\nb\nb' }, { scenario: 'b\nc' })).toEqual([
      'scenario: +1 −2 lines, 5 → 3 characters',
    ])
    const secret = 'planted-words'
    expect(
      told({}, { description: secret, examples: [{ user: secret, reply: secret }] }).join(),
    ).not.toContain(secret)
  })

  it('is told by count of a list, by value of a setting', () => {
    expect(
      told(
        { model: { sampling: { temperature: 0.6 } } },
        { greetings: ['The lamp is lit, {{user}}.', 'Rain.', 'Hail.'], model: { name: 'm', sampling: {} } },
      ),
    ).toEqual([
      'greetings: 2 → 3, 2 of them other than before',
      'model.name: not set → m',
      'model.temperature: 0.6 → not set',
    ])
  })

  it('is told by name of an entry', () => {
    const before = lore([
      { comment: 'Lamp', content: 'old' },
      { comment: 'Fog', content: 'same' },
    ])
    const after = lore([
      { comment: 'Lamp', content: 'new' },
      { comment: 'Fog', content: 'same' },
      { comment: 'Bell', content: 'It rings.' },
    ])
    expect(told({ lore: before }, { lore: after })).toEqual([
      'lore: Lamp: content',
      'lore: Bell: new, 9 characters',
    ])
    expect(told({ lore: after }, { lore: before })).toEqual(['lore: Lamp: content', 'lore: Bell: gone'])
  })
})
