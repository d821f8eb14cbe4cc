import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { personaId } from '../../src/core/ids.ts'
import { personaFrom } from '../../src/persona/read.ts'

const read = (source: string) => personaFrom(source, personaId('mira'), 'personas/mira/persona.yaml')

describe('whatever is in the file', () => {
  /** Lone surrogates and control characters are among them. */
  const codeUnits = (maxLength: number) =>
    fc.array(fc.nat(0xffff), { maxLength }).map((codes) => String.fromCharCode(...codes))

  const settle = (source: string): void => {
    const reading = read(source)
    if (!reading.ok) expect(reading.problems.length).toBeGreaterThan(0)
  }

  test('random text never crashes the reader', () => {
    fc.assert(fc.property(codeUnits(300), settle), { numRuns: 500 })
  })

  test('random YAML punctuation never crashes the reader', () => {
    const piece = fc.constantFrom(
      ...[
        'name',
        'greetings',
        'examples',
        'model',
        ':',
        ': ',
        '- ',
        '? ',
        '\n',
        '\n  ',
        '\t',
        '"',
        "'",
        '[',
        ']',
      ],
      ...[
        '{',
        '}',
        ',',
        '&a ',
        '*a',
        '!!str ',
        '!x ',
        '|',
        '>',
        '|-\n',
        '#',
        '%YAML 1.1\n',
        '---\n',
        '...\n',
        '<<: ',
      ],
      ...[
        '~',
        '0x1f',
        '.nan',
        'yes',
        '__proto__',
        '\r',
        '\u2028',
        '\ufeff',
        '\\',
        '\u0000',
        '\ud800',
        '@',
        '`',
      ],
    )
    const source = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))
    fc.assert(fc.property(source, settle), { numRuns: 2_000 })
  })

  test('random values in known fields never crash the reader', () => {
    const key = fc.constantFrom(
      'name',
      'description',
      'greetings',
      'examples',
      'model',
      'budget',
      'user',
      'seed',
      'x',
    )
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 3 }, fc.string(), fc.double(), fc.constant(null), tie('list'), tie('fields')),
      list: fc.array(tie('any'), { maxLength: 4 }),
      fields: fc.dictionary(key, tie('any'), { maxKeys: 5 }),
    })).fields
    fc.assert(
      fc.property(value, (fields) => settle(stringify(fields))),
      { numRuns: 500 },
    )
  })

  test('a persona that is accepted is within its limits and fit for a database', () => {
    const text = codeUnits(100)
    fc.assert(
      fc.property(text, text, (name, description) => {
        const reading = read(JSON.stringify({ name, description }))
        if (!reading.ok) return
        expect(reading.persona.name).toMatch(/^[^\u0000-\u001f\u007f-\u009f]{1,80}$/)
        expect(reading.persona.description.isWellFormed()).toBe(true)
        expect(reading.persona.description).not.toContain('\u0000')
      }),
    )
  })
})
