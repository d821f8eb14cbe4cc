import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LoreState } from '../../../src/core/lore.ts'
import { activate } from '../../../src/persona/lore/activate.ts'
import { book, entry, ext, input, names, type Raw, run } from './support.ts'

describe('what comes in', () => {
  it('constant: always; enabled false: never; empty content: nothing', () => {
    const entries = [
      entry('a', { constant: true }),
      entry('b', { constant: true, enabled: false }),
      entry('c', { constant: true, content: '' }),
      entry('', { constant: true, keys: [], name: 'd' }),
    ]
    expect(names(entries, ['hm'])).toEqual(['a', 'd'])
  })

  it('insertion_order: lower stands earlier, and equals stand as in the book', () => {
    const entries = ['c', 'a', 'b', 'd'].map((key, index) =>
      entry(key, { constant: true, insertion_order: [30, -1, 30, 2][index] }),
    )
    expect(names(entries, [])).toEqual(['a', 'd', 'c', 'b'])
  })

  it('says in a place what it says, and the same words once', () => {
    const { entries } = run(
      [
        entry('a', { position: 'before_char' }),
        entry('b', { position: 'after_char' }),
        entry('c', { position: '' }),
        ext('d', { position: 4, depth: 2, role: 1 }, { position: 'after_char' }),
        ext('e', { position: 2 }),
        ext('f', { position: 7, outlet_name: 'hall' }),
        entry('g', { content: 'about a' }),
      ],
      ['a b c d e f g'],
    )
    expect(entries.map(({ place }) => place)).toEqual([
      { at: 'before-persona' },
      { at: 'after-persona' },
      { at: 'after-persona' },
      { at: 'depth', depth: 2, role: 'user' },
      { at: 'note-top' },
      { at: 'outlet', name: 'hall' },
    ])
  })

  it('vectorized: meaning stands in for keys, and for nothing else', () => {
    const entries = [
      ext('a', { vectorized: true }, { id: 1 }),
      entry('b', { id: 2 }),
      ext('c', { vectorized: true }, { id: 3, enabled: false }),
    ]
    expect(names(entries, ['hm'], { near: new Set(['book/1', 'book/2', 'book/3']) })).toEqual(['a'])
    expect(names(entries, ['hm'], { near: new Set() })).toEqual([])
  })
})

describe('entries that bring entries', () => {
  const chain = [entry('a', { content: 'b here' }), entry('b', { content: 'c here' }), entry('c')]
  const recursive = { recursive_scanning: true }

  it('recursive_scanning: true lets them, false and nothing do not', () => {
    expect(names(chain, ['a'], {}, recursive)).toEqual(['a', 'b', 'c'])
    expect(names(chain, ['a'], {}, { recursive_scanning: false })).toEqual(['a'])
    expect(names(chain, ['a'])).toEqual(['a'])
  })

  it('exclude_recursion: not brought by others; prevent_recursion: brings none', () => {
    const [a, b, c] = chain as [Raw, Raw, Raw]
    expect(names([a, { ...b, extensions: { exclude_recursion: true } }, c], ['a'], {}, recursive)).toEqual([
      'a',
    ])
    expect(names([a, { ...b, extensions: { prevent_recursion: true } }, c], ['a'], {}, recursive)).toEqual([
      'a',
      'b',
    ])
  })

  it('delay_until_recursion: waits for others, and by its level', () => {
    const waits = (level: unknown) => ext('d', { delay_until_recursion: level })
    expect(names([waits(true)], ['d'], {}, recursive)).toEqual([])
    expect(names([entry('a'), waits(true)], ['a d'], {}, recursive)).toEqual(['a', 'd'])
    const levels = [
      entry('a'),
      ext('x', { delay_until_recursion: 1 }),
      ext('y', { delay_until_recursion: 2 }),
    ]
    expect(names(levels, ['a y'], {}, recursive)).toEqual(['a', 'y'])
    expect(names(levels, ['a y'])).toEqual(['a'])
  })

  it('what is hidden in an entry is searched and not sent', () => {
    const expand = (text: string) => ({ sent: text.replace('[b]', ''), searched: text })
    const { entries } = run([entry('a', { content: 'see [b]' }), entry('b')], ['a'], { expand }, recursive)
    expect(entries.map(({ text }) => text)).toEqual(['see', 'about b'])
  })

  it('stops in a circle', () => {
    expect(
      names([entry('a', { content: 'b!' }), entry('b', { content: 'a!' })], ['a'], {}, recursive),
    ).toEqual(['a', 'b'])
  })
})

describe('the budget', () => {
  const each = (key: string, rest: Raw = {}) => entry(key, { content: `1 2 3 4 ${key}`, ...rest })
  const fit = (entries: readonly Raw[], budgetTokens: number, of: Raw = {}) =>
    [...names(entries, ['a b c'], { budgetTokens }, of)].sort().join('')

  it('priority: the lowest goes first; without one the lowest insertion_order', () => {
    const entries = [
      each('a', { priority: 5, insertion_order: 1 }),
      each('b', { priority: 1 }),
      each('c', { priority: 9 }),
    ]
    expect(fit(entries, 10)).toBe('ac')
    const ordered = [
      each('a', { insertion_order: 3 }),
      each('b', { insertion_order: 1 }),
      each('c', { insertion_order: 2 }),
    ]
    expect(fit(ordered, 10)).toBe('ac')
    expect(fit(ordered, 9)).toBe('a')
  })

  it('token_budget of a book holds for that book', () => {
    const entries = [each('a'), each('b')]
    expect(fit(entries, 100, { token_budget: 5 })).toBe('a')
    expect(fit(entries, 100, { token_budget: 0 })).toBe('ab')
    const both = activate(
      input([book(entries, { token_budget: 5 }), book([each('c')], {}, 'other')], ['a b c']),
    )
    expect(both.entries.map(({ name }) => name)).toEqual(['a', 'c'])
    expect(both.missed).toEqual([{ key: expect.stringMatching(/^book\/b/), name: 'b', why: 'budget' }])
  })

  it('SillyTavern: constants go first, then what the messages brought, and ignore_budget always', () => {
    expect(fit([each('a'), each('x', { constant: true, insertion_order: 0 })], 5)).toBe('x')
    const brought = [
      each('a', { content: '1 2 3 4 z' }),
      each('z', { content: '5 6 7 8 z', insertion_order: 900 }),
    ]
    expect(fit(brought, 9, { recursive_scanning: true })).toBe('a')
    const ignoring = each('b', { extensions: { ignore_budget: true } })
    expect(fit([each('a'), ignoring], 5)).toBe('b')
    expect(fit([each('a'), ignoring], 10)).toBe('ab')
  })

  it('what stands in every prompt is the same whatever is said, and never makes way for what is said', () => {
    const entries = [
      each('a', { constant: true }),
      each('b', { priority: 9 }),
      each('c', { priority: 9, content: 'about a about a' }),
      each('d', { constant: true, content: 'about a about a' }),
      each('e', { constant: true, extensions: { probability: 50 } }),
    ]
    const standing = (said: string) =>
      run(entries, [said], { budgetTokens: 10 }).entries.filter((each) => each.standing)
    expect(standing('nothing').map(({ name }) => name)).toEqual(['a', 'd'])
    for (const said of ['b', 'c', 'b c']) expect(standing(said)).toEqual(standing('nothing'))
  })

  it('an entry that is larger than all of it keeps no other out', () => {
    expect(fit([each('a'), entry('b', { content: 'word '.repeat(99), priority: 9 })], 10)).toBe('a')
  })

  it('is never exceeded, and nothing that was kept is less important than what was dropped for it', () => {
    const raw = fc.record({
      words: fc.integer({ min: 1, max: 9 }),
      priority: fc.integer({ min: 0, max: 2 }),
      insertion_order: fc.integer({ min: 0, max: 3 }),
      constant: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(raw, { maxLength: 12 }), fc.nat(30), fc.nat(30), (all, budgetTokens, own) => {
        const entries = all.map(({ words, ...rest }, index) =>
          entry(`k${index}`, { ...rest, content: Array(words).fill(`w${index}`).join(' ') }),
        )
        const books = [book(entries, { token_budget: own })]
        const made = input(books, [entries.map(({ name }) => name).join(' ')], { budgetTokens })
        const lore = activate(made)
        const most = Math.min(budgetTokens, own || Number.POSITIVE_INFINITY)
        expect(lore.entries.reduce((sum, { text }) => sum + text.split(' ').length, 0)).toBeLessThanOrEqual(
          most,
        )
        expect(lore.entries.length + lore.missed.length).toBe(all.length)
        // What stands in every prompt goes before all that comes and goes.
        const priorityOf = ({ name }: { name: string }) => {
          const { priority = 0, constant = false } = all[Number(name.slice(1))] ?? {}
          return priority + (constant ? 10 : 0)
        }
        const dropped = lore.missed.filter(({ name }) => (all[Number(name.slice(1))]?.words ?? 0) <= most)
        const least = Math.min(...lore.entries.map(priorityOf))
        for (const each of dropped) expect(priorityOf(each)).toBeLessThanOrEqual(least)
        const orders = lore.entries.map(({ name }) => all[Number(name.slice(1))]?.insertion_order ?? 0)
        expect(orders).toEqual([...orders].sort((a, b) => a - b))
        expect(activate(made)).toEqual(lore)
      }),
      { numRuns: 150 },
    )
  })
})

describe('chance', () => {
  it('probability: as often as it says over many seeds, and the same for the same seed', () => {
    const entries = [ext('a', { probability: 30, useProbability: true }), ext('b', { probability: 0 })]
    const drawn = Array.from({ length: 400 }, (_, n) => names(entries, ['a b'], { seed: `turn ${n}` }))
    const share = drawn.filter((each) => each.includes('a')).length / 400
    expect(share).toBeGreaterThan(0.22)
    expect(share).toBeLessThan(0.38)
    expect(drawn.some((each) => each.includes('b'))).toBe(false)
    expect(names(entries, ['a b'], { seed: 'turn 7' })).toEqual(drawn[7])
  })

  it('useProbability false: always', () => {
    expect(names([ext('a', { probability: 0, useProbability: false })], ['a'])).toEqual(['a'])
  })

  it('group: one of them, by weight', () => {
    const entries = [
      ext('a', { group: 'g', group_weight: 90 }),
      ext('b', { group: 'g, h', group_weight: 10 }),
    ]
    const drawn = Array.from({ length: 400 }, (_, n) => names(entries, ['a b'], { seed: `turn ${n}` }))
    expect(drawn.every((each) => each.length === 1)).toBe(true)
    const share = drawn.filter(([name]) => name === 'a').length / 400
    expect(share).toBeGreaterThan(0.83)
    expect(share).toBeLessThan(0.97)
    expect(run(entries, ['a b']).missed.map(({ why }) => why)).toEqual(['group'])
  })

  it('group_override: the highest order; use_group_scoring: the most keys', () => {
    const first = { group: 'g', group_override: true }
    const override = [ext('a', first), ext('b', first, { insertion_order: 200 }), ext('c', { group: 'g' })]
    expect(names(override, ['a b c'])).toEqual(['b'])
    const scoring = [
      ext('a', { group: 'g', use_group_scoring: true }, { keys: ['a', 'x', 'y'] }),
      ext('b', { group: 'g', use_group_scoring: true }),
    ]
    for (let n = 0; n < 20; n++) expect(names(scoring, ['a b x y'], { seed: `${n}` })).toEqual(['a'])
  })

  it('a group that has one from the messages gets none from other entries', () => {
    const entries = [ext('a', { group: 'g' }, { content: 'b' }), ext('b', { group: 'g' })]
    expect(names(entries, ['a'], {}, { recursive_scanning: true })).toEqual(['a'])
  })
})

describe('what lasts', () => {
  /** Which of the messages, numbered from 0 and saying nothing but `key` at `saidAt`, have the entry. */
  const over = (entries: readonly Raw[], saidAt: readonly number[], count: number) => {
    let state: LoreState = {}
    return Array.from({ length: count }, (_, at) => {
      const lore = run(entries, [saidAt.includes(at) ? 'key' : 'hm'], { state, messageCount: at + 1 })
      state = JSON.parse(JSON.stringify(lore.state)) as LoreState
      return lore.entries.length
    }).join('')
  }
  const always = Array.from({ length: 20 }, (_, at) => at)

  it('sticky 3, cooldown 2, delay 2: on at 1, held 2 to 4, blocked 5 and 6, free at 7', () => {
    const entries = [ext('key', { sticky: 3, cooldown: 2, delay: 2 }, { id: 1 })]
    expect(over(entries, always, 9)).toBe('011110011')
    expect(over(entries, [1], 9)).toBe('011110000')
    expect(over(entries, [0], 4)).toBe('0000')
  })

  it('held entries ask neither chance nor keys', () => {
    const entries = [ext('key', { sticky: 9, probability: 50 }, { id: 1 })]
    const seeds = Array.from({ length: 20 }, (_, n) => `${n}`)
    const state = seeds.map((seed) => run(entries, ['key'], { seed }).state).find((each) => 'book/1' in each)
    for (const seed of seeds) {
      expect(names(entries, ['hm'], { state: state ?? {}, seed, messageCount: 2 })).toEqual(['key'])
    }
  })

  it('a conversation that went back forgets what came after', () => {
    const entries = [ext('key', { cooldown: 5 }, { id: 1 })]
    const { state } = run(entries, ['key'], { messageCount: 7 })
    expect(names(entries, ['key'], { state, messageCount: 8 })).toEqual([])
    expect(names(entries, ['key'], { state, messageCount: 7 })).toEqual(['key'])
    expect(names(entries, ['hm'], { state, messageCount: 7 })).toEqual([])
  })

  it('an entry that was edited begins anew', () => {
    const { state } = run([ext('key', { cooldown: 5 }, { id: 1 })], ['key'], { messageCount: 7 })
    const edited = [ext('key', { cooldown: 5 }, { id: 1, content: 'other' })]
    expect(names(edited, ['key'], { state, messageCount: 8 })).toEqual(['key'])
  })

  it('@@keep_activate_after_match and @@dont_activate_after_match', () => {
    expect(over([entry('key', { id: 1, content: '@@keep_activate_after_match\nx' })], [2], 6)).toBe('001111')
    expect(over([entry('key', { id: 1, content: '@@dont_activate_after_match\nx' })], always, 4)).toBe('1000')
  })
})
