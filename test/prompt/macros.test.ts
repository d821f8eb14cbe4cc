import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandEntry, expandMacros, type MacroValues } from '../../src/prompt/macros.ts'

const values: MacroValues = {
  char: 'Wren',
  user: 'Ada',
  now: new Date('2026-03-04T13:05:09Z'),
  timeZone: 'Europe/Berlin',
  idleMs: 7_300_000,
  description: 'A lamp.',
  original: 'the rules',
  outlets: { hall: 'a hall' },
}
const fill = (text: string, rest: Partial<MacroValues> = {}) => expandMacros(text, { ...values, ...rest })

it.each([
  ['{{char}} and {{ USER }}, <BOT> <char> <USER>', 'Wren and Ada, Wren Wren Ada'],
  ['{{{char}}} {{char}}}', '{Wren} Wren}'],
  ['{{// a {{char}} note}}x{{//}}{{comment: y}}{{noop}}', 'x'],
  ['{{reverse:olleH}} {{reverse:{{char}}}}', 'Hello nerW'],
  ['a{{newline}}b', 'a\nb'],
  ['a\n\n{{trim}}\nb', 'ab'],
  ['{{time}} {{date}} {{weekday}} {{isodate}}', '14:05 4 March 2026 Wednesday 2026-03-04'],
  ['{{datetimeformat::ddd D.M.YY h:mm:ss a [at] HH}}', 'Wed 4.3.26 2:05:09 pm at 14'],
  ['{{idle_duration}} {{idleDuration}}', '2 hours 2 hours'],
  ['{{original}} {{outlet::hall}}{{outlet::toString}}', 'the rules a hall'],
  ['{{setvar::x::1::2}}{{getvar::x}}{{getvar::y}}', '1::2'],
  ['{{if description}}a{{else}}b{{/if}}{{if !description}}c{{/if}}', 'a'],
  ['{{if {{persona}}}}a{{else}}b{{if 1}}{{char}}{{/if}}{{/if}}.', 'bWren.'],
  ['{{group}} {{notChar}}', 'Wren Ada'],
  ['{{persona}}{{scenario}}{{summary}}', ''],
])('%s becomes %s', (text, expected) => {
  expect(fill(text)).toBe(expected)
})

it.each([
  '{{get_message_variable::stat}}',
  '{{nonsense}}',
  '{{ }}',
  '{{}}',
  '{{char',
  'char}}',
  '<% code %>',
  '{{roll:x}}',
  '{{if 1}}x',
  '{{else}}{{/if}}',
  '{{roll:999d6}}',
  '{{toString}}',
  '{{__proto__}}',
  '<START>',
])('%s is no macro and stays as it is', (text) => {
  expect(fill(text)).toBe(text)
})

describe('chance', () => {
  it('{{random}} and {{pick}} take one of the list, in either way of writing it', () => {
    for (const text of [
      '{{random:a,b,c}}',
      '{{random::a::b::c}}',
      '{{pick: a , b , c }}',
      '{{pick::a,b,c}}',
    ]) {
      const all = new Set(
        Array.from({ length: 60 }, (_, n) => fill(text, { seed: `${n}`, roomSeed: `${n}` })),
      )
      expect([...all].sort()).toEqual(['a', 'b', 'c'])
    }
    expect(['x,y', 'z']).toContain(fill('{{random:x\\,y,z}}'))
    expect(['Wren', 'z']).toContain(fill('{{random:{{char}},z}}'))
  })

  it('is the same under the same seed; {{pick}} stays in the room, {{random}} changes with the turn', () => {
    const text = (name: string) => Array(12).fill(`{{${name}:1,2,3,4,5,6,7,8,9}}`).join('')
    const rolled = fill(text('random'), { seed: 'a', roomSeed: 'r' })
    expect(fill(text('random'), { seed: 'a', roomSeed: 's' })).toBe(rolled)
    expect(fill(text('random'), { seed: 'b', roomSeed: 'r' })).not.toBe(rolled)
    expect(new Set(rolled).size).toBeGreaterThan(2)
    const picked = fill(text('pick'), { seed: 'a', roomSeed: 'r' })
    expect(fill(text('pick'), { seed: 'b', roomSeed: 'r' })).toBe(picked)
    expect(fill(text('pick'), { seed: 'a', roomSeed: 's' })).not.toBe(picked)
  })

  it('{{roll}} gives a number of the dice', () => {
    const rolls = (text: string) =>
      Array.from({ length: 200 }, (_, n) => Number(fill(text, { seed: `${n}` })))
    for (const text of ['{{roll:6}}', '{{roll:d6}}', '{{roll:D6}}', '{{roll 1d6}}']) {
      expect([...new Set(rolls(text))].sort()).toEqual([1, 2, 3, 4, 5, 6])
    }
    expect(Math.min(...rolls('{{roll:2d4+10}}'))).toBe(12)
    expect(Math.max(...rolls('{{roll:2d4+10}}'))).toBe(18)
  })
})

it('what a macro stands for is never looked into', () => {
  const sly = { user: '{{char}} {{reverse:x}} <BOT>', lastMessage: '{{user}}', original: '{{time}}' }
  expect(fill('{{user}}|{{lastMessage}}|{{original}}', sly)).toBe(`${sly.user}|{{user}}|{{time}}`)
  expect(fill('{{random:{{user}}}}', { user: 'a,b' })).toBe('a,b')
  expect(fill('{{setvar::x::{{user}}}}{{getvar::x}}', sly)).toBe(sly.user)
})

it('a hidden key is searched and not sent, a note neither', () => {
  expect(expandEntry('x{{hidden_key: {{char}}}}{{// y}}{{comment:z}}', values)).toEqual({
    sent: 'x',
    searched: 'x Wren',
  })
})

it('without a clock there is no time, and without values there are no words', () => {
  expect(expandMacros('[{{time}}{{idleDuration}}{{description}}]', { char: 'a', user: 'b' })).toBe('[]')
})

it('any text is filled, in one pass, and text without braces stays as it is', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '{',
    '}',
    'char',
    'random:',
    'if ',
    'else',
    '/if',
    ':',
    ',',
    'a',
    '\\',
    '//',
    'roll:',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('')
      expect(fill(text)).toBe(fill(text))
      if (!text.includes('}}')) expect(fill(text)).toBe(text)
    }),
    { numRuns: 500 },
  )
  expect(fill('{{'.repeat(100_000))).toBe('{{'.repeat(100_000))
  expect(fill('}}'.repeat(100_000))).toBe('}}'.repeat(100_000))
  for (const text of ['{{if '.repeat(20_000) + '}}'.repeat(20_000), '{{if 1}}'.repeat(50_000)]) {
    expect(fill(text)).toBe(text)
  }
  const nested = `${'{{if 1}}'.repeat(50_000)}x${'{{/if}}'.repeat(50_000)}`
  expect(fill(nested)).toBe('x')
})
