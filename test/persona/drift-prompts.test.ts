import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPrompts } from '../../src/persona/drift/default-prompts.ts'
import { promptsIn } from '../../src/persona/drift-prompts.ts'

const read = (source: string) => promptsIn(source, 'personas/wren/drift.yaml')

describe('the things that are said for a comparison', () => {
  it('are texts, or conversations with a name', () => {
    expect(read('prompts:\n  - Hello.\n  - name: her name\n    says: [I am Ruth., Who am I?]\n')).toEqual({
      ok: true,
      file: 'personas/wren/drift.yaml',
      prompts: [
        { name: 'Hello.', says: ['Hello.'] },
        { name: 'her name', says: ['I am Ruth.', 'Who am I?'] },
      ],
    })
  })

  it('have a name of their last words where none is given, and not a long one', () => {
    const reading = read(`prompts: [${'word '.repeat(30)}]`)
    expect(reading.ok && Array.from(reading.prompts[0]?.name ?? '').length).toBe(40)
  })

  it.each([
    ['', 1],
    ['prompts: []', 1],
    ['prompts:\n  - ok\n  - says: Hello', 3],
    ['prompts:\n  - ""', 2],
    ['prompts:\n  - *a', 2],
    ['prompts: [a]\nother: 1', 1],
    ['prompts: [', 1],
  ])('%j is refused with its line', (source, line) => {
    expect(read(source)).toMatchObject({ ok: false, problem: { line, mend: expect.any(String) } })
  })

  it('whatever is in the file, reading it does not throw', () => {
    const piece = fc.constantFrom(
      'prompts',
      ':',
      ' ',
      '\n',
      '- ',
      '*',
      '&a',
      '"',
      '[',
      '{',
      '!x',
      'says',
      '\t',
    )
    const source = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(source, (text) => void read(text)),
      { numRuns: 300 },
    )
  })

  it('are about twenty where the persona has none, each with a name of its own', () => {
    expect(defaultPrompts.length).toBeGreaterThanOrEqual(20)
    expect(new Set(defaultPrompts.map(({ name }) => name)).size).toBe(defaultPrompts.length)
  })
})
