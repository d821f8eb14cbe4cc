import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/persona/card/json.ts'
import { activate } from '../../../src/persona/lore/activate.ts'
import { bookIn, readBook } from '../../../src/persona/lore/read-book.ts'
import { book, entry, input, type Raw, world } from './support.ts'

const only = (raw: Raw) => world({ 0: raw }).entries[0]

describe('books of other programs', () => {
  it('a SillyTavern world: entries in an object, in its own words', () => {
    const raw = {
      uid: 4,
      key: ['fog'],
      keysecondary: ['sea'],
      comment: 'Fog',
      content: 'x',
      selective: true,
      selectiveLogic: 3,
      order: 7,
      position: 4,
      depth: 2,
      role: 2,
      disable: true,
      excludeRecursion: true,
      preventRecursion: true,
      delayUntilRecursion: true,
      probability: 40,
      useProbability: true,
      group: 'a,b',
      groupWeight: 3,
      scanDepth: null,
      caseSensitive: true,
      matchWholeWords: false,
      sticky: 1,
      cooldown: null,
      delay: 2,
      vectorized: true,
      ignoreBudget: true,
    }
    expect(only(raw)).toMatchObject({
      id: '4',
      name: 'Fog',
      logic: 'all',
      order: 7,
      place: { at: 'depth', depth: 2, role: 'assistant' },
      enabled: false,
      notByOthers: true,
      bringsNone: true,
      waitsForRound: 1,
      probability: 40,
      groups: ['a', 'b'],
      groupWeight: 3,
      scanDepth: undefined,
      caseSensitive: true,
      wholeWords: false,
      sticky: 1,
      cooldown: 0,
      delay: 2,
      byMeaning: true,
      ignoresBudget: true,
    })
  })

  it('triggers: an entry that is for other things than replies stays out', () => {
    const of = (triggers: unknown) => only({ key: ['a'], content: 'x', triggers })?.enabled
    expect([of([]), of(undefined), of(['normal', 'swipe']), of(['impersonate'])]).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  it('the oldest worlds say neither position nor disable: before the persona, and on', () => {
    expect(only({ key: ['a'], content: 'x' })).toMatchObject({
      enabled: true,
      place: { at: 'before-persona' },
    })
  })

  it('both words for one thing: those of the specification count', () => {
    const both = {
      keys: ['a'],
      key: ['b'],
      insertion_order: 1,
      order: 2,
      enabled: true,
      disable: true,
      content: 'x',
    }
    expect(only(both)).toMatchObject({ keys: [{ text: 'a' }], order: 1, enabled: true })
  })

  it('Agnai: a list with keywords, entry and weight', () => {
    const [read] = book([{ keywords: ['a'], entry: 'x', weight: 5, enabled: true }]).entries
    expect(read).toMatchObject({ keys: [{ text: 'a' }], content: 'x', order: 5 })
  })

  it('Chub: camelCase in the extensions, whose weight is no order', () => {
    const extensions = { excludeRecursion: true, weight: 10, position: null }
    const [read] = book([
      entry('a', { extensions, insertion_order: 3, probability: 50, position: '' }),
    ]).entries
    expect(read).toMatchObject({
      notByOthers: true,
      order: 3,
      probability: 50,
      place: { at: 'after-persona' },
    })
  })

  it('Wyvern: fields directly on the entry, and an id of another name', () => {
    const [read] = book([
      { keys: ['a'], content: 'x', entry_id: 'q', whole_words_only: false, sticky: 2 },
    ]).entries
    expect(read).toMatchObject({ id: 'q', wholeWords: false, sticky: 2 })
  })

  it('ids that are missing or there twice are told apart', () => {
    const same = [{ id: 1 }, { id: 1 }, {}, { id: '' }].map((each) => ({
      ...each,
      keys: ['a'],
      content: 'x',
    }))
    expect(new Set(book(same).entries.map(({ id }) => id)).size).toBe(4)
  })

  it('a V3 book of its own, a bare one, and what is none', () => {
    const entries: JsonObject[] = []
    expect(bookIn({ spec: 'lorebook_v3', data: { entries, name: 'n' } })?.name).toBe('n')
    expect(bookIn({ entries: {} })).toEqual({ entries: {} })
    expect([bookIn({ name: 'x' }), bookIn([]), bookIn(null), bookIn({ entries: 'x' })]).toEqual(
      Array(4).fill(undefined),
    )
  })
})

it('whatever is in a book, it is read, and what comes in is within the budget', () => {
  const words = [
    'keys',
    'key',
    'content',
    'constant',
    'position',
    'extensions',
    'id',
    'order',
    'group',
    'use_regex',
  ]
  const line = fc.constantFrom(
    '@@depth 1',
    '@@@role',
    '@@activate',
    '@@@SYSTEM',
    '@@additional_keys ,',
    '',
    'fog (',
    '/a/',
  )
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.array(line).map((lines) => lines.join('\n')),
    fc.array(line),
    fc.boolean(),
  )
  const raw = fc.dictionary(fc.constantFrom(...words, 'sticky', 'probability', 'selective'), value)
  fc.assert(
    fc.property(fc.array(raw, { maxLength: 8 }), fc.boolean(), (entries, recursive) => {
      const read = readBook({ entries, recursive_scanning: recursive } as unknown as JsonObject, 'b')
      const lore = activate(input([read], ['fog a /a/ 1 true'], { budgetTokens: 12 }))
      expect(lore.entries.reduce((sum, { text }) => sum + text.split(' ').length, 0)).toBeLessThanOrEqual(
        read.entries.some(({ ignoresBudget }) => ignoresBudget) ? Number.POSITIVE_INFINITY : 12,
      )
    }),
    { numRuns: 200 },
  )
})
