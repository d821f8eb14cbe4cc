import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { split } from '../../src/turn/split.ts'

const words = fc
  .array(
    fc.constantFrom(
      'a',
      'tide',
      'lighthouse',
      'und',
      '灯台',
      '🦭',
      '👩‍👩‍👧',
      'x'.repeat(70),
      '.',
      '!',
      ' ',
      '\n',
      '\n\n',
      '  ',
    ),
    {
      maxLength: 120,
    },
  )
  .map((parts) => parts.join(' ').trim())
const withFences = fc
  .array(
    fc.oneof(
      words,
      words.map((text) => `\n\`\`\`js\n${text.replaceAll('`', '')}\n\`\`\`\n`),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join('\n').trim())
const limit = fc.integer({ min: 50, max: 400 })

/** What is left when white space and the fences that a split puts in are taken away. */
const bare = (text: string) => text.replace(/^```.*$/gm, '').replace(/\s+/g, '')

describe('split', () => {
  it('leaves what fits as it is', () => {
    expect(split('Fog again.', 50)).toEqual(['Fog again.'])
    expect(split('x'.repeat(50), 50)).toEqual(['x'.repeat(50)])
  })

  it('keeps the content, up to white space, and every part within the limit', () => {
    fc.assert(
      fc.property(withFences, limit, (text, most) => {
        fc.pre(text !== '')
        const parts = split(text, most)
        expect(bare(parts.join('\n'))).toBe(bare(text))
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most)
          expect(part.trim()).not.toBe('')
          expect(part.isWellFormed()).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('never tears a surrogate pair, whatever the limit', () => {
    for (let most = 50; most < 70; most++) {
      const parts = split('🦭'.repeat(100), most)
      expect(parts.join('')).toBe('🦭'.repeat(100))
      expect(parts.every((part) => part.isWellFormed())).toBe(true)
    }
  })

  it('does not change the parts before the last while a reply grows', () => {
    fc.assert(
      fc.property(withFences, limit, (text, most) => {
        let before: readonly string[] = []
        for (let length = 1; length <= text.length; length += 7) {
          const parts = split(text.slice(0, length), most)
          expect(parts.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1))
          before = parts
        }
      }),
      { numRuns: 200 },
    )
  })

  it('closes a code block that is cut and opens it again with its language', () => {
    const code = Array.from({ length: 12 }, (_, index) => `  line(${index})`).join('\n')
    const parts = split(`Look:\n\n\`\`\`js\n${code}\n\`\`\`\nThat is all.`, 80)
    expect(parts.length).toBeGreaterThan(2)
    for (const part of parts)
      expect(part.match(/^```/gm)?.length ?? 0).toSatisfy((count: number) => count % 2 === 0)
    expect(parts[1]).toMatch(/^```js\n {2}line\(\d+\)/)
    expect(parts.slice(0, -1).every((part) => part.endsWith('```'))).toBe(true)
    expect(bare(parts.join('\n'))).toBe(bare(`Look:\n${code}\nThat is all.`))
  })

  it('prefers an empty line to a line, a line to a sentence, and a sentence to a word', () => {
    const long = 'word '.repeat(6)
    expect(split(`${long}end. ${long}\n\n${long}${long}`, 80)[0]).toBe(`${long}end. ${long.trim()}`)
    expect(split(`${long}end. ${long.trim()}\n${long}${long}`, 80)[0]).toBe(`${long}end. ${long.trim()}`)
    expect(split(`${long}${long}end. ${long}${long}`, 80)[0]).toBe(`${long}${long}end.`)
    expect(split('word '.repeat(40), 52)[0]).toMatch(/^(word )+word$/)
  })

  it('tears no link, no word and no emoji that fits into a message', () => {
    const links = [
      '[a long walk along the shore](https://example.org/?of=1)',
      `https://e.org/${'x'.repeat(70)}`,
    ]
    const emoji = ['👩‍👩‍👧', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '👍🏽', '🇳🇴', '<:lighthouse:123456789012345678>', '<t:1700000000:R>']
    const among = (each: string) => `${'word '.repeat(20)}${each}. `.repeat(8).trim()
    const texts = [
      ...[...links, ...emoji].map((each) => [each, among(each)] as const),
      ...emoji.map((each) => [each, each.repeat(60)] as const),
    ]
    for (const [each, text] of texts) {
      const countIn = (part: string) => part.split(each).length - 1
      for (let most = 130; most < 260; most++) {
        const found = split(text, most).reduce((sum, part) => sum + countIn(part), 0)
        expect([each, most, found]).toEqual([each, most, countIn(text)])
      }
    }
  })

  it('goes on where what is read as one character is longer than a message', () => {
    const chain = '👩\u200d'.repeat(200)
    for (let most = 50; most < 60; most++) {
      const parts = split(chain, most)
      expect(parts.join('')).toBe(chain)
      expect(parts.every((part) => part.length <= most && part.isWellFormed())).toBe(true)
    }
  })

  it('says nothing twice of a code block that begins in the line that opens it', () => {
    const code = Array.from({ length: 12 }, (_, index) => `line(${index})`).join('\n')
    const [first, ...others] = split(`\`\`\`const one = 1\n${code}\n\`\`\``, 80)
    expect(first).toMatch(/^```const one = 1\nline/)
    for (const part of others) expect(part).toMatch(/^```\nline/)
  })

  it('knows a code block that begins in the middle of a line, and one that ends in its own', () => {
    const code = Array.from({ length: 12 }, (_, index) => `line(${index})`).join('\n')
    for (const text of [`Look: \`\`\`js\n${code}\n\`\`\`\nThat is all.`, `\`\`\`a()\`\`\`\n${code}\n${code}`])
      for (const part of split(text, 80)) expect((part.split('```').length - 1) % 2).toBe(0)
    expect(split(`Look: \`\`\`js\n${code}\n\`\`\``, 80)[1]).toMatch(/^```js\nline/)
    expect(split(`\`\`\`a()\`\`\`\n${code}\n${code}`, 80)[1]).toMatch(/^line/)
  })

  it('closes a spoiler that is cut and opens it again, and no condition', () => {
    const secret = 'It was the gardener. '.repeat(12).trim()
    for (let most = 60; most < 130; most++) {
      const parts = split(`Who was it? ||${secret}|| Now you know, and so does everybody else here.`, most)
      const shown = parts.map((part) => part.replace(/\|\|.*?\|\|/gs, '')).join(' ')
      expect(shown).not.toMatch(/gardener|\|/)
      expect(parts.every((part) => part.length <= most)).toBe(true)
    }
    const condition = `Take it if a || b holds. ${'word '.repeat(30)}`.trim()
    expect(split(condition, 60).join(' ')).toBe(condition)
  })

  it('leaves no empty code block at the end of a part', () => {
    const code = `\`\`\`js\nconst lamp = ${'x'.repeat(60)}\n\`\`\``
    for (let most = 90; most < 160; most++)
      for (const part of split(`${'word '.repeat(16)}\n${code}`, most)) expect(part).not.toMatch(/```js\n```/)
  })

  it('makes no blank part of a reply that is mostly white space', () => {
    for (const text of [
      `a${' '.repeat(500)}b`,
      `a${'\n'.repeat(500)}b`,
      `a${'\n'.repeat(500)}`,
      `\`\`\`\n${' '.repeat(300)}`,
    ]) {
      const parts = split(text, 50)
      expect(parts.every((part) => part.trim() !== '')).toBe(true)
      expect(bare(parts.join(''))).toBe(bare(text))
    }
  })
})
