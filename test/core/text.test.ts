import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanName, cleanText, holdBackSurrogate, isBlank } from '../../src/core/text.ts'

describe('cleanText', () => {
  it('takes control characters and the heads of ANSI escapes away', () => {
    expect(cleanText('\u001b[2J\u001b]0;owned\u0007 red \u009b31m nul\0 del\u007f')).toBe(
      '[2J]0;owned red 31m nul del',
    )
  })
  it('keeps newlines and tabs, and makes carriage returns newlines', () => {
    expect(cleanText('a\tb\nc\r\nd\re')).toBe('a\tb\nc\nd\ne')
  })
  it('replaces lone surrogates and keeps pairs', () => {
    expect(cleanText('\ud83e lone \udd2d')).toBe('\ufffd lone \ufffd')
    expect(cleanText('🦭')).toBe('🦭')
  })
  it('leaves nothing that a terminal or a database stumbles over, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text)
        expect(clean.isWellFormed()).toBe(true)
        expect(clean).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
        expect(cleanText(clean)).toBe(clean)
      }),
    )
  })
})

describe('cleanName', () => {
  it('makes one short line of any name', () => {
    expect(cleanName('  Ada\u001b[2J\n of  the Lamp ')).toBe('Ada[2J of the Lamp')
    expect(cleanName('🦭'.repeat(200))).toBe('🦭'.repeat(80))
    expect(cleanName('')).toBe('somebody')
    expect(cleanName('\0\n\t')).toBe('somebody')
  })
})

describe('isBlank', () => {
  it('sees through white space and invisible characters', () => {
    for (const text of ['', ' ', '\n\t', '\u200b\u200d\u2060\ufeff', '\u3000\u00a0', '\u2800', '\u3164']) {
      expect(isBlank(text), JSON.stringify(text)).toBe(true)
    }
    for (const text of ['.', '\u200ba', '🦭']) expect(isBlank(text)).toBe(false)
  })
})

describe('holdBackSurrogate', () => {
  it('lets no half of a pair through, wherever a stream is torn', () => {
    const text = 'a🦭b👩‍👩‍👧c'
    for (let at = 0; at <= text.length; at++) {
      const { ready, held } = holdBackSurrogate(text.slice(0, at))
      expect(ready.isWellFormed()).toBe(true)
      expect(ready + held + text.slice(at)).toBe(text)
      expect(held.length).toBeLessThanOrEqual(1)
    }
  })
})
