import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/core/events.ts'
import { personaVersion } from '../../src/persona/version.ts'
import { talkativenessOf } from '../../src/turn/circle.ts'
import { inRoom, roomSettings } from '../../src/turn/room-settings.ts'
import { testPersona } from '../support/persona.ts'

const read = (name: string, said: string) => roomSettings.find((each) => each.name === name)?.read(said)

describe('what a room may set', () => {
  it.each([
    ['temperature', '0.70', '0.7'],
    ['temperature', '2.1', undefined],
    ['temperature', '-1', undefined],
    ['temperature', 'hot', undefined],
    ['temperature', '', undefined],
    ['top-k', '40', '40'],
    ['top-k', '4.5', undefined],
    ['repetition', '0.4', undefined],
    ['settle', '2s', '2000ms'],
    ['settle', '2', '2000ms'],
    ['settle', '1.5 s', '1500ms'],
    ['settle', '500ms', '500ms'],
    ['settle', '61s', undefined],
    ['length', 'short', 'short'],
    ['length', '200', '200'],
    ['length', '15', undefined],
    ['typing', 'human', 'human'],
    ['rest', '23:00-07:00', '23:00-07:00'],
    ['rest', '23-7', undefined],
  ])('%s %s is kept as %s', (name, said, kept) => {
    expect(read(name, said)).toBe(kept)
  })

  it('is taken over by what is kept as it is, whatever was said', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...roomSettings),
        fc.oneof(fc.string(), fc.float().map(String)),
        (each, said) => {
          const value = each.read(said)
          if (value !== undefined) expect(each.read(value)).toBe(value)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('changes the persona there, of which nothing else changes, nor its version', () => {
    const here = inRoom(testPersona, {
      temperature: '0.3',
      'top-p': '0.5',
      settle: '2000ms',
      typing: 'human',
      rest: 'off',
      length: 'short',
      nonsense: '1',
      'min-p': '7',
    })
    expect(here).toEqual({
      ...testPersona,
      model: { sampling: { temperature: 0.3, topP: 0.5 } },
      manners: { settleMs: 2_000, typing: 'human', quietHours: 'off' },
      budget: { contextTokens: 4_096, replyTokens: 120 },
      reminder: expect.stringContaining('one or two short sentences'),
    })
    expect(personaVersion(here)).toBe(personaVersion(testPersona))
    expect(inRoom(testPersona, {})).toBe(testPersona)
  })

  it('leaves half of what the model reads to the prompt, however long answers may be', () => {
    expect(inRoom(testPersona, { length: '32768' }).budget.replyTokens).toBe(2_048)
    expect(inRoom(testPersona, { length: 'long' }).budget.replyTokens).toBe(600)
  })

  it('is in the list of commands, and nothing else is', () => {
    const parts = commands.find(({ name }) => name === 'manners')?.parts ?? []
    expect(parts.map(({ name }) => name)).toEqual(['show', ...roomSettings.map(({ name }) => name), 'reset'])
  })
})

it('whoever rests is not of the talkative kind for as long', () => {
  const manners = { talkativeness: 0.7, quietHours: '23:00-07:00' }
  const at = (hour: number) => talkativenessOf({ ...testPersona, manners }, new Date(2026, 0, 14, hour))
  expect([at(22), at(23), at(6), at(7)]).toEqual([0.7, 0, 0, 0.7])
})
