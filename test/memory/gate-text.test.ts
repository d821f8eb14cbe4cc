import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findQuote, normalise, verbatim } from '../../src/memory/gate-text.ts'

const found = (text: string, quote: string) => findQuote(normalise(text), quote)

describe('finding a quote', () => {
  it.each([
    ['I’m left–handed', "i'm left-handed"],
    ['„Ich mag   Käse“', 'ich mag käse'],
    ['ﬁne, ＡＤＡ said', 'fine, Ada said'],
    ['two\nlines of it', 'two lines of it'],
    ['so tired\u200b today', '"so tired today."'],
    ['cafe\u0301 in Graz', 'café in Graz'],
  ])('is not misled by letter forms, quotation marks and white space: %s', (text, quote) => {
    expect(found(text, quote)).toHaveLength(1)
  })

  it.each([
    ['I hate smokeless grills', 'I hate smoke'],
    ['I live in Graz', 'live in Linz'],
    ['unhappy about it', 'happy about it'],
    ['anything', ' ... '],
  ])('finds no part of a word and nothing else: %s', (text, quote) => {
    expect(found(text, quote)).toEqual([])
  })

  it('finds any whole words of any text, however they are written, and gives them back as they stood', () => {
    const word = fc
      .stringMatching(/^[a-zA-ZäÖéß’'0-9]{1,8}$/)
      .filter((text) => /^[^’'].*[^’']$|^[^’']$/.test(text))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.nat(7), fc.nat(7), (words, a, b) => {
        const from = Math.min(a, b) % words.length
        const to = Math.max(from + 1, (Math.max(a, b) % words.length) + 1)
        const text = words.join('  ')
        const quote = words.slice(from, to).join(' ').toUpperCase().toLowerCase()
        fc.pre(normalise(quote).text === normalise(words.slice(from, to).join(' ')).text)
        const spans = found(text, quote)
        expect(spans.length).toBeGreaterThan(0)
        const normal = normalise(text)
        for (const span of spans) {
          const back = verbatim(normal, span)
          expect(text.normalize('NFKC')).toContain(back)
          expect(normalise(back).text).toBe(normalise(quote).text)
        }
      }),
    )
  })

  it('keeps for every character the place that it came from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { text: normal, source, places } = normalise(text)
        expect(places).toHaveLength(normal.length + 1)
        expect([...places]).toEqual([...places].toSorted((a, b) => a - b))
        expect(places.at(-1)).toBe(source.length)
      }),
    )
  })
})
