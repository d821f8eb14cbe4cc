import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LorePlace } from '../../src/core/lore.ts'
import { estimateTokens } from '../../src/prompt/estimate.ts'
import type { LayoutInput } from '../../src/prompt/fill.ts'
import { at, atDepth, entry, lore, persona } from './card-support.ts'
import { fitting, lay, said } from './support.ts'

describe('what makes way', () => {
  const many = Array.from({ length: 30 }, (_, n) => said('word '.repeat(20), n + 1))
  const long = { ...persona, examples: [{ user: 'Q', reply: 'example '.repeat(400) }] }
  const has = (laid: ReturnType<typeof fitting>, section: string) =>
    laid.parts.some((part) => part.section === section)

  it('large examples go with the first cut, at once and for good; the cache breaks once', () => {
    const promptTokens = 1_720
    const before = fitting(lay(many.slice(0, 26), { persona: long, promptTokens }))
    expect(has(before, 'examples')).toBe(true)
    const cutting = fitting(lay(many, { persona: long, promptTokens }))
    expect(has(cutting, 'examples')).toBe(false)
    expect(cutting.historyFrom).toBeGreaterThan(1)
    expect(cutting.leftOut).toContainEqual({ section: 'examples', why: 'history' })
    const kept = many.filter(({ anchor }) => anchor >= cutting.historyFrom)
    expect(fitting(lay(kept, { persona: long, promptTokens, isCut: true })).prompt).toEqual(cutting.prompt)
  })

  it('small examples stay', () => {
    const examples = [{ user: 'Q', reply: 'A' }]
    const cutting = fitting(lay(many, { persona: { ...persona, examples }, promptTokens: 700 }))
    expect(cutting.historyFrom).toBeGreaterThan(1)
    expect(has(cutting, 'examples')).toBe(true)
  })

  it('for what is said now everything else does, the most important last', () => {
    const order = ['examples', 'memories', 'lore', 'summary', 'notes', 'standing lore']
    const rest: Partial<LayoutInput> = {
      persona: { ...long, examples: [{ user: 'Q', reply: 'example '.repeat(90) }] },
      summary: 'summary '.repeat(90),
      reminders: ['memory '.repeat(90)],
      lore: lore(
        entry('stands '.repeat(90), at('before-persona'), true),
        entry('passes '.repeat(90), at('before-persona')),
        entry('note '.repeat(90), atDepth(2)),
      ),
      promptTokens: 2_000,
    }
    const seen = new Set<string>()
    for (let words = 100; words < 1_500; words += 50) {
      const laid = fitting(lay([said('word '.repeat(words), 1)], rest))
      const gone = laid.leftOut.filter(({ why }) => why === 'no-room').map(({ section }) => section)
      expect(gone).toEqual(order.slice(0, gone.length))
      for (const section of gone) expect(has(laid, section)).toBe(false)
      expect(laid.prompt.some(({ text }) => text.startsWith('word word'))).toBe(true)
      seen.add(String(gone.length))
    }
    expect([...seen]).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  })

  it('never takes more than its budget, and keeps its order', () => {
    const places = fc.constantFrom<LorePlace>(
      at('before-persona'),
      at('after-scenario'),
      at('examples-top'),
      at('note-top'),
      atDepth(0),
      atDepth(0, 'user'),
      atDepth(3, 'assistant'),
      atDepth(99),
    )
    const entries = fc.array(fc.tuple(places, fc.boolean(), fc.integer({ min: 1, max: 600 })), {
      maxLength: 6,
    })
    const order = [
      ['persona', 'standing lore', 'system prompt', 'examples'],
      ['summary', 'notes', 'history'],
      ['notes'],
      ['new messages'],
      ['notes', 'memories', 'lore', 'time', 'reminder'],
      ['prefill'],
    ]
    fc.assert(
      fc.property(
        entries,
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 150, max: 3_000 }),
        fc.boolean(),
        (made, lengths, promptTokens, isCut) => {
          const history = lengths.map((length, n) => said('w'.repeat(length), n + 1))
          const laid = lay(history, {
            persona: long,
            lore: lore(
              ...made.map(([place, standing, length]) => entry('e'.repeat(length), place, standing)),
            ),
            summary: 'It was late.',
            reminders: ['They met.'],
            isCut,
            promptTokens,
          })
          if (!laid.fits) return
          const counted = laid.prompt.reduce((sum, { text }) => sum + estimateTokens(text), 0)
          expect(counted).toBe(laid.estimatedTokens)
          expect(counted).toBeLessThanOrEqual(promptTokens)
          let stage = 0
          for (const { section } of laid.parts) {
            while (stage < order.length && !order[stage]!.includes(section)) stage++
            expect(stage).toBeLessThan(order.length)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
