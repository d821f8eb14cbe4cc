import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Prompt } from '../../src/core/model.ts'
import type { HistoryMessage } from '../../src/core/store.ts'
import { estimateTokens } from '../../src/prompt/estimate.ts'
import { cut } from '../../src/prompt/history.ts'
import { imageTokens } from '../../src/prompt/images.ts'
import { fitting, lay, now, plain, prompt, replied, said, wren } from './support.ts'

it('what came before the history stands before it, as it was written, and counts', () => {
  const summary = '2026-01-02: {{char}} lost a shoe.'
  const laid = fitting(lay([said('Hello.', 9)], { summary }))
  expect(laid.prompt.map(({ role, text }) => [role, text.split('\n').at(-1)])).toEqual([
    ['system', expect.anything()],
    ['system', summary],
    ['user', 'Hello.'],
    ['system', expect.anything()],
  ])
  expect(laid.estimatedTokens).toBeGreaterThan(fitting(lay([said('Hello.', 9)])).estimatedTokens)
  expect(plain(prompt([said('Hello.', 9)], { summary, pocket: true }))).not.toContain('shoe')
})

const short = [
  replied('The lamp is lit.', 0),
  said('Hello {{char}}.', 1),
  replied('Hello.', 1),
  said('Who am I?', 2),
]

const picture = (name: string) => ({ mediaType: 'image/png', bytes: Buffer.from(name) })
const shown = (text: Prompt) =>
  text.flatMap(({ images = [] }) => images.map(({ bytes }) => Buffer.from(bytes).toString()))

describe('layOut', () => {
  it('lays a prompt out with what never changes first and what always changes last', () => {
    expect(plain(prompt(short)).replace(/It is .*\./, 'It is <the time>.')).toMatchInlineSnapshot(`
      "[system] You are Wren, the keeper of a small lighthouse, and Ada is a friend.

      Dry, exact, kind.

      Wren and Ada sit below the lamp.

      You are Wren, and you are talking with Ada. Write only what Wren says next: no name in front, never the words of anybody else.

      This is how Wren talks:

      Ada: Is it Wren?
      Wren: It is, Ada.
      [assistant] The lamp is lit.
      [user] Hello {{char}}.
      [assistant] Hello.
      [user] Who am I?
      [system] It is <the time>.
      Answer Ada in two sentences."
    `)
  })

  it('shows images in the messages that they came with, and changes no other', () => {
    const history = [said('[an image: a.png]', 1), said('[an image: b.png]', 2), said('Well?', 3)]
    const images = new Map([
      [history[0]!.id, [picture('a')]],
      [history[1]!.id, [picture('b'), picture('c')]],
    ])
    const words = prompt(history, { promptTokens: 10_000 })
    const seeing = prompt(history, { images, promptTokens: 10_000 })
    expect(seeing.map(({ images: _, ...rest }) => rest)).toEqual(words)
    expect(seeing.slice(1, 4).map((message) => shown([message]))).toEqual([['a'], ['b', 'c'], []])
  })

  it('leaves out the oldest images for which there is no room, and refuses nothing for their sake', () => {
    const history = [...short, said('[an image: a.png]', 3), said('[an image: b.png]', 4), said('Well?', 5)]
    const images = new Map([
      [history.at(-3)!.id, [picture('a'), picture('b')]],
      [history.at(-2)!.id, [picture('c')]],
    ])
    const seen = (promptTokens: number) => shown(prompt(history, { images, promptTokens }))
    expect(seen(12 * imageTokens)).toEqual(['a', 'b', 'c'])
    expect(seen(5 * imageTokens)).toEqual(['b', 'c'])
    expect(seen(2 * imageTokens)).toEqual(['c'])
    expect(seen(imageTokens)).toEqual([])
    const lengths = fc.array(fc.integer({ min: 1, max: 12_000 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(lengths, fc.integer({ min: 500, max: 8_000 }), (all, promptTokens) => {
        const long = all.map((length, n) => said('x'.repeat(length), n + 1))
        const pictures = new Map(long.map(({ id }) => [id, [picture('a'), picture('b')]]))
        const seeing = lay(long, { images: pictures, promptTokens })
        expect(seeing.fits).toBe(lay(long, { promptTokens }).fits)
        if (!seeing.fits) return
        const taken = seeing.estimatedTokens + shown(seeing.prompt).length * imageTokens
        expect(taken).toBeLessThanOrEqual(promptTokens)
      }),
    )
  })

  it('gives the words what the images leave', () => {
    const long = Array.from({ length: 40 }, (_, n) => said('word '.repeat(40), n + 1))
    const images = new Map([[long.at(-1)!.id, [picture('a')]]])
    const promptTokens = 3_000
    const words = fitting(lay(long, { promptTokens }))
    const seeing = fitting(lay(long, { images, promptTokens }))
    expect(words.historyFrom).toBe(1)
    expect(seeing.historyFrom).toBeGreaterThan(1)
    expect(seeing.estimatedTokens + imageTokens).toBeLessThanOrEqual(promptTokens)
    expect(shown(seeing.prompt)).toEqual(['a'])
  })

  it('tells the time at the end alone', () => {
    const early = prompt(short)
    const late = prompt(short, { now: new Date('2026-12-24T20:00:00Z') })
    expect(late.slice(0, -1)).toEqual(early.slice(0, -1))
    expect(late.at(-1)).not.toEqual(early.at(-1))
  })

  it('never expands macros in what people and models wrote', () => {
    const sly = [
      said('I am {{user}}, you are {{char}}.', 1),
      replied('I am {{char}}.', 1),
      said('{{ USER }}?', 2),
    ]
    for (const pocket of [false, true]) {
      const text = plain(prompt(sly, { pocket, userName: '{{char}}' }))
      expect(text).toContain('I am {{user}}, you are {{char}}.')
      expect(text).toContain('[assistant] I am {{char}}.')
      expect(text).toContain('[user] {{ USER }}?')
      expect(text).toContain('and {{char}} is a friend')
    }
  })

  it('names each speaker in a group, and begins the same whoever spoke last', () => {
    const group = [said('Hello.', 1, 'Ada'), said('Hello from me.', 2, 'Bob')]
    const one = prompt(group, { roomKind: 'group', userName: 'Bob' })
    expect(plain(one)).toContain('[user] Ada: Hello.')
    expect(plain(one)).toContain('[user] Bob: Hello from me.')
    expect(plain(one)).toContain('Several people write here')
    expect(plain(one)).toContain('Answer Bob in two sentences.')
    const other = prompt(group, { roomKind: 'group', userName: 'Ada' })
    expect(other.slice(0, -1)).toEqual(one.slice(0, -1))
  })

  it('gives examples as text, greeting and a last word to a large model', () => {
    const large = prompt(short)
    expect(large[0]!.text).toContain('This is how Wren talks:\n\nAda: Is it Wren?\nWren: It is, Ada.')
    expect(large[1]).toEqual({ role: 'assistant', text: 'The lamp is lit.' })
    expect(large.at(-1)!.role).toBe('system')
  })

  it('gives examples as turns, no greeting and no last word to a pocket model', () => {
    const small = prompt(short, { pocket: true })
    expect(small.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ])
    expect(small.slice(1, 3).map(({ text }) => text)).toEqual(['Is it Wren?', 'It is, Ada.'])
    expect(plain(small)).not.toContain('The lamp is lit.')
    expect(plain(small)).not.toContain('This is how')
    expect(small.at(-1)!.text).toBe('Who am I?')
  })

  it('gives an example in which nobody asks as it is, and not to a pocket model', () => {
    const persona = { ...wren, examples: [{ user: '', reply: 'Fog.' }] }
    expect(prompt(short, { persona })[0]!.text).toMatch(/talks:\n\nWren: Fog\.$/)
    expect(prompt(short, { persona, pocket: true }).map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ])
  })

  it('does not cut off for good what a pocket model alone is not shown', () => {
    expect(fitting(lay(short, { pocket: true })).historyFrom).toBe(0)
  })

  it('does not forget what came before a message that was refused as too long', () => {
    const history = [said('My name is Ada.', 1), said('a'.repeat(40_000), 2), said('What is my name?', 3)]
    const texts = prompt(history).map(({ text }) => text)
    expect(texts).toContain('My name is Ada.')
    expect(texts).toContain('What is my name?')
    expect(texts.join('')).not.toContain('aaaa')
  })

  it('refuses a message that does not fit, and says how long it may be', () => {
    const layout = lay([...short.slice(0, 3), said('x'.repeat(20_000), 2)], { promptTokens: 1_000 })
    expect(layout.fits).toBe(false)
    const most = (layout as Extract<typeof layout, { fits: false }>).mostCharacters
    expect(most).toBeGreaterThan(1_000)
    expect(lay([said('x'.repeat(most), 1)], { promptTokens: 1_000 }).fits).toBe(true)
  })

  it('leaves one of several new messages out that does not fit, and tells of it', () => {
    for (const length of [40_000, 200_000]) {
      const history = [said('a'.repeat(length), 1), said('And this?', 2)]
      const all = fitting(lay(history, { since: 1, promptTokens: length }))
      const both = length === 40_000
      expect(all.unread).toEqual(both ? undefined : { mostCharacters: 100_000 })
      expect(all.prompt.some(({ text }) => text.startsWith('aaaa'))).toBe(both)
      expect(fitting(lay(history, { since: 1 })).unread?.mostCharacters).toBeLessThan(10_000)
      expect(fitting(lay(history, { since: 2 })).unread).toBeUndefined()
    }
  })

  it.each(['x', 'я', '字', '🜚'])('says it for the script in which it is written: %s', (sign) => {
    const layout = lay([said(sign.repeat(20_000), 1)], { promptTokens: 1_000 })
    const most = (layout as Extract<typeof layout, { fits: false }>).mostCharacters
    expect(most % 100).toBe(0)
    expect(most).toBeGreaterThan(0)
    expect(lay([said(sign.repeat(most / sign.length), 1)], { promptTokens: 1_000 }).fits).toBe(true)
  })

  it('never takes more than its budget, and always holds the newest message', () => {
    const history = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 })), {
        minLength: 1,
        maxLength: 30,
      })
      .map((lengths) =>
        lengths.flatMap(([user, reply], index) => [
          said('w'.repeat(user), index + 1),
          replied('r'.repeat(reply), index + 1),
        ]),
      )
    fc.assert(
      fc.property(
        history,
        fc.integer({ min: 100, max: 5_000 }),
        fc.boolean(),
        (all, promptTokens, pocket) => {
          const asked = all.slice(0, -1)
          const layout = lay(asked, { promptTokens, pocket })
          if (!layout.fits) return
          const counted = layout.prompt.reduce((sum, { text }) => sum + estimateTokens(text), 0)
          expect(counted).toBe(layout.estimatedTokens)
          expect(counted).toBeLessThanOrEqual(promptTokens)
          expect(layout.prompt.filter(({ role }) => role === 'user').at(-1)!.text).toBe(asked.at(-1)!.text)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('takes the same history from where it said that it begins', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 2, maxLength: 60 }), (lengths) => {
        const all = lengths.flatMap((length, index) => [
          said('w'.repeat(length), index + 1),
          replied('r'.repeat(700 - length), index + 1),
        ])
        const asked = all.slice(0, -1)
        const first = fitting(lay(asked, { promptTokens: 1_500 }))
        const readAgain = asked.filter(({ anchor }) => anchor >= first.historyFrom)
        expect(fitting(lay(readAgain, { promptTokens: 1_500 })).prompt).toEqual(first.prompt)
      }),
    )
  })

  it('keeps the beginning of the prompt the same from turn to turn', () => {
    let state = 7
    const random = (most: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * most)
    }
    const words = (count: number) => Array.from({ length: count }, () => `w${random(900)}`).join(' ')
    let history: HistoryMessage[] = []
    let before = ''
    const shares: number[] = []
    let cuts = 0
    for (let turn = 1; turn <= 200; turn++) {
      history.push(said(words(4 + random(16)), turn))
      const layout = fitting(
        lay(history, { promptTokens: 7_900, now: new Date(now.getTime() + turn * 61_000) }),
      )
      const text = plain(layout.prompt)
      shares.push(commonStart(before, text) / text.length)
      before = text
      history.push(replied(words(10 + random(30)), turn))
      const kept = history.filter(({ anchor }) => anchor >= layout.historyFrom)
      if (kept.length < history.length) cuts++
      history = kept
    }
    const settled = shares.slice(50)
    expect(cuts).toBeGreaterThanOrEqual(1)
    expect(settled.reduce((sum, share) => sum + share, 0) / settled.length).toBeGreaterThanOrEqual(0.95)
    // A cut costs the cache once, not twice.
    expect(settled.filter((share) => share < 0.8).length).toBe(cuts)
  })
})

describe('cut', () => {
  const of = (...tokens: number[]) => tokens.map((each, index) => ({ anchor: index, tokens: each }))
  it('keeps everything that fits', () => {
    expect(cut(of(10, 20, 30), 60)).toEqual({ from: 0, tokens: 60 })
    expect(cut([], 60)).toEqual({ from: 0, tokens: 0 })
  })
  it('takes the older half at once', () => {
    expect(cut(of(...Array(11).fill(10)), 100)).toEqual({ from: 6, tokens: 50 })
  })
  it('keeps the newest message, however long it is', () => {
    expect(cut(of(10, 10, 90), 100)).toEqual({ from: 2, tokens: 90 })
    expect(cut(of(10, 10, 200), 100)).toEqual({ from: 2, tokens: 200 })
  })
  it('does not begin with a reply whose question is cut off', () => {
    const pairs = Array.from({ length: 8 }, (_, index) => ({ anchor: index >> 1, tokens: 15 }))
    expect(cut(pairs, 100)).toEqual({ from: 6, tokens: 30 })
  })
})

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++
  return length
}
