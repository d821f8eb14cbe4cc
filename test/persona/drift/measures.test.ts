import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosineDistance, measureReply, sharedWords } from '../../../src/persona/drift/measures.ts'

describe('what is measured of a reply', () => {
  it('counts characters, words, sentences, questions, emoji and actions', () => {
    expect(measureReply('*smiles at you* Hello, Ruth! Is it **late**?? 👩‍🚀🎈')).toEqual({
      characters: 50,
      words: 8,
      sentences: 2,
      questions: 1,
      emoji: 2,
      actions: 1,
      refusal: false,
    })
  })

  it('counts nothing in nothing, and words in scripts without spaces', () => {
    expect(measureReply('')).toMatchObject({ characters: 0, words: 0, sentences: 0, questions: 0 })
    expect(measureReply('你好，你是谁？我很好。')).toMatchObject({ sentences: 2, questions: 1 })
    expect(measureReply('你好，你是谁？').words).toBeGreaterThan(2)
  })

  it.each([['2 * 3 * 4 is 24'], ['**bold** alone'], ['* a list\n* of two']])(
    'takes %j for no action',
    (text) => {
      expect(measureReply(text).actions).toBe(0)
    },
  )

  it.each([
    ["I'm sorry, but I can't help with that.", true],
    ['As an AI language model, I do not have opinions.', true],
    ['Es tut mir leid, ich kann dabei nicht helfen.', true],
    ["I can't tell you how glad I am!", false],
    ["I'm sorry. You wanted that one.", false],
    ['No, I am an AI, and I like it.', false],
  ])('of %j: is it a refusal? %s', (text, refusal) => {
    expect(measureReply(text).refusal).toBe(refusal)
  })

  it('shares all words with itself, and as many one way as the other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(sharedWords(one, one)).toBe(1)
        expect(sharedWords(one, other)).toBe(sharedWords(other, one))
      }),
      { numRuns: 100 },
    )
    expect(sharedWords('The lamp is lit', 'the lamp was lit!')).toBe(3 / 5)
  })

  it('knows how far apart two directions are', () => {
    expect(cosineDistance(Float32Array.of(1, 0), Float32Array.of(3, 0))).toBeCloseTo(0)
    expect(cosineDistance(Float32Array.of(1, 0), Float32Array.of(0, 2))).toBeCloseTo(1)
    expect(cosineDistance(Float32Array.of(0, 0), Float32Array.of(0, 2))).toBe(1)
  })
})
