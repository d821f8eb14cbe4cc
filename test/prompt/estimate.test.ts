import { describe, expect, it } from 'vitest'
import { createTokenScale, estimateTokens } from '../../src/prompt/estimate.ts'
import { expandMacros } from '../../src/prompt/macros.ts'

describe('estimateTokens', () => {
  it('counts dense scripts higher than the Latin one, and a frame for each message', () => {
    expect(estimateTokens('')).toBe(4)
    expect(estimateTokens('a'.repeat(400))).toBe(104)
    expect(estimateTokens('я'.repeat(400))).toBe(204)
    expect(estimateTokens('灯'.repeat(400))).toBe(404)
  })
})

describe('the token scale', () => {
  it('learns what a model counts, each model for itself', () => {
    const scale = createTokenScale()
    expect(scale.factor('a')).toBe(1)
    for (let turn = 0; turn < 30; turn++) scale.learn('a', 1_000, 1_300)
    expect(scale.factor('a')).toBeCloseTo(1.3, 2)
    expect(scale.factor('b')).toBe(1)
    for (let turn = 0; turn < 30; turn++) scale.learn('a', 1_000, 900)
    expect(scale.factor('a')).toBeCloseTo(0.9, 2)
  })

  it('passes over counts that cannot be of the whole prompt', () => {
    const scale = createTokenScale()
    for (const [estimated, counted] of [
      [1_000, 0],
      [1_000, 20],
      [1_000, 50_000],
      [0, 100],
      [0, 0],
      [1_000, Number.NaN],
      [1_000, -1_000],
    ] as const) {
      scale.learn('a', estimated, counted)
    }
    expect(scale.factor('a')).toBe(1)
  })
})

describe('expandMacros', () => {
  const values = { char: 'Wren', user: 'Ada' }
  it('expands both names, in any case and with spaces', () => {
    expect(expandMacros('{{char}} {{User}} {{ CHAR }} {{user}}', values)).toBe('Wren Ada Wren Ada')
  })
  it('leaves everything else, and does not look into what it put in', () => {
    expect(expandMacros('{{other}} {char} {{ char', values)).toBe('{{other}} {char} {{ char')
    expect(expandMacros('{{user}}!', { char: 'Wren', user: '{{char}} $& $1' })).toBe('{{char}} $& $1!')
  })
})
