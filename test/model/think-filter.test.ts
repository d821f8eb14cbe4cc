import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createThinkFilter } from '../../src/model/think-filter.ts'

function filtered(pieces: readonly string[]): string {
  const filter = createThinkFilter()
  return pieces.map((piece) => filter.push(piece)).join('') + filter.end()
}

/** The text in pieces of every possible size. */
const inPieces = (text: string, size: number): readonly string[] =>
  text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []

describe('the think filter', () => {
  it.each([
    ['<think>What is this?</think>\n\nHello.', 'Hello.'],
    ['Hello.', 'Hello.'],
    ['<think></think>Hello.', 'Hello.'],
    ['<thinking>hm</thinking> Hello.', 'Hello.'],
    ['Hello <think>hm</think>Ada.', 'Hello Ada.'],
    ['<think>a</think><think>b</think>Hello.', 'Hello.'],
    ['hm</think>Hello.', 'hmHello.'],
    ['1 < 2 <thin air> </thin> <', '1 < 2 <thin air> </thin> <'],
    ['<think>cut off while think', ''],
    ['<think>cut off in the tag</thi', ''],
    ['Hello <thi', 'Hello <thi'],
    ['<think>a < b </ c</think>Yes.', 'Yes.'],
  ])('makes of %j what is to be shown, wherever it is cut', (text, shown) => {
    for (let size = 1; size <= text.length; size++) expect(filtered(inPieces(text, size))).toBe(shown)
  })

  it('shows text at once when no tag can begin in it', () => {
    const filter = createThinkFilter()
    expect(filter.push('Hello ')).toBe('Hello ')
    expect(filter.push('1 <')).toBe('1 ')
    expect(filter.push(' 2')).toBe('< 2')
  })

  it('gives the same whatever the pieces, and never shows what stands between the tags', () => {
    const part = fc.oneof(
      fc.constantFrom('<think>', '</think>', '<', '</', 'think>', '\n', ' '),
      fc.string({ maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 1, max: 9 }), (parts, size) => {
        const text = parts.join('')
        expect(filtered(inPieces(text, size))).toBe(filtered([text]))
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), (secret, size) => {
        fc.pre(!secret.includes('</think'))
        expect(filtered(inPieces(`<think>${secret}</think>Hello.`, size))).toBe('Hello.')
      }),
    )
  })
})
