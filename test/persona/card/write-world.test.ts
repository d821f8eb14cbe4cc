import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LoreEntry } from '../../../src/core/lore.ts'
import { isObject, type Json, type JsonObject, objectOf, parseJson } from '../../../src/persona/card/json.ts'
import { worldOf } from '../../../src/persona/card/write-world.ts'
import { readBook } from '../../../src/persona/lore/read-book.ts'
import { ext } from '../lore/support.ts'

const throughWorld = (book: JsonObject) => parseJson(JSON.stringify(worldOf([book], 'Sea'))) as JsonObject
/** What an entry does, without what it is called by. */
const meanings = (book: JsonObject) =>
  readBook(book, 'a').entries.map(({ id: _, ...entry }: LoreEntry) => entry)

describe('a world file of SillyTavern', () => {
  it('has the entries of a card under its own names', () => {
    const world = throughWorld({
      entries: [
        ext(
          'lamp',
          { position: 4, depth: 2, role: 1, probability: 50, unknown: 'kept' },
          { enabled: false, own: 3 },
        ),
      ] as unknown as Json,
    })
    expect(objectOf(objectOf(world.entries)['0'])).toMatchObject({
      uid: 0,
      key: ['lamp'],
      keysecondary: [],
      comment: 'lamp',
      content: 'about lamp',
      disable: true,
      order: 100,
      position: 4,
      depth: 2,
      role: 1,
      probability: 50,
      own: 3,
      extensions: { unknown: 'kept' },
    })
  })

  it('means the same as the books that it was made of, whatever stands in them', () => {
    const extension = fc.record(
      {
        position: fc.constantFrom(0, 1, 2, 3, 4, 5, 6),
        depth: fc.nat(9),
        role: fc.constantFrom(0, 1, 2),
        selectiveLogic: fc.nat(3),
        probability: fc.nat(100),
        useProbability: fc.boolean(),
        exclude_recursion: fc.boolean(),
        prevent_recursion: fc.boolean(),
        delay_until_recursion: fc.oneof(fc.boolean(), fc.nat(3)),
        group: fc.constantFrom('', 'a', 'a, b'),
        group_override: fc.boolean(),
        group_weight: fc.nat(200),
        scan_depth: fc.oneof(fc.constant(null), fc.nat(9)),
        match_whole_words: fc.oneof(fc.constant(null), fc.boolean()),
        case_sensitive: fc.oneof(fc.constant(null), fc.boolean()),
        sticky: fc.nat(3),
        cooldown: fc.nat(3),
        delay: fc.nat(3),
        match_scenario: fc.boolean(),
        vectorized: fc.boolean(),
      },
      { requiredKeys: ['position'] },
    )
    const entry = fc.record(
      {
        keys: fc.array(fc.constantFrom('lamp', 'Fog', '/ra+in/i'), { maxLength: 3 }),
        secondary_keys: fc.array(fc.constantFrom('sea', 'sky'), { maxLength: 2 }),
        content: fc.constantFrom('It turns.', '@@depth 3\nIt turns.'),
        name: fc.constantFrom('', 'Lamp'),
        enabled: fc.boolean(),
        constant: fc.boolean(),
        selective: fc.boolean(),
        insertion_order: fc.nat(300),
        priority: fc.nat(10),
        extensions: extension,
      },
      { requiredKeys: ['keys', 'content', 'extensions'] },
    )
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
        const book = { entries: entries as unknown as Json }
        expect(meanings(throughWorld(book))).toEqual(meanings(book))
      }),
      { numRuns: 200 },
    )
  })

  it('writes a pattern of the specification between slashes', () => {
    const entries = [{ keys: ['a/b+'], use_regex: true, content: 'c', enabled: true, extensions: {} }]
    const world = throughWorld({ entries: entries as unknown as Json })
    const first = objectOf(world.entries)['0']
    expect(isObject(first) && first.key).toEqual(['/a\\/b+/i'])
    const [key] = readBook(world, 'a').entries[0]?.keys ?? []
    expect(key).toMatchObject({ kind: 'pattern', source: 'a\\/b+', flags: 'i' })
  })
})
