import { describe, expect, it } from 'vitest'
import { forWhom, type GivenCommand } from '../../../adapters/matrix/for-whom.ts'
import { commands } from '../../../src/core/events.ts'

const house = ['@mira:home', '@ottoline:home', '@pascoe:home']
const given = (name: GivenCommand['name'], more: Partial<GivenCommand> = {}): GivenCommand => ({
  name,
  mentions: [],
  answers: undefined,
  ...more,
})
/** What each of them makes of it. */
const each = (of: (self: string) => GivenCommand, personas = house) =>
  personas.map((self) => forWhom(of(self), self, personas))

describe('a command in a group with several personas', () => {
  it('is for all of them, or for the first alone, and for nobody else', () => {
    for (const { name } of commands) {
      const whom = each(() => given(name))
      expect(['all,all,all', 'self,other,other']).toContain(whom.join())
      expect(each(() => given(name), house.toReversed()).toReversed()).toEqual(whom)
    }
    expect(each(() => given('help'))[0]).toBe('self')
    expect(each(() => given('retry'))[0]).toBe('all')
  })

  it('is for whoever is mentioned in it, or has said what it answers', () => {
    for (const name of ['help', 'retry'] as const) {
      expect(each(() => given(name, { mentions: ['@ada:home', '@pascoe:home'] }))).toEqual([
        'other',
        'other',
        'self',
      ])
      const answers = (self: string) => (self === '@ottoline:home' ? 'self' : 'housemate')
      expect(each((self) => given(name, { answers: answers(self) }))).toEqual(['other', 'self', 'other'])
    }
    expect(each(() => given('help', { mentions: ['@ada:home'] }))).toEqual(['self', 'other', 'other'])
  })

  it('is for the only one there, whatever it answers', () => {
    expect(each(() => given('retry', { answers: 'housemate' }), ['@pascoe:home'])).toEqual(['self'])
  })
})
