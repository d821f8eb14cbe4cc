import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/persona/card/json.ts'
import { readBook } from '../../src/persona/lore/read-book.ts'

const page = await readFile(path.join(import.meta.dirname, '../../personas/README.md'), 'utf8')

/** The names in the first column of a table, and what its last column says of them. */
function rows(heading: string): ReadonlyMap<string, string> {
  const table = page.slice(page.indexOf(`| ${heading}`)).split('\n\n')[0] ?? ''
  const cells = [...table.matchAll(/^\| (`.+?) +\|.*\| *(.*?) *\|$/gm)]
  return new Map(
    cells.flatMap(([, names = '', otherwise = '']) =>
      [...names.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => [name, otherwise] as const),
    ),
  )
}

const plain = { keys: ['cellar'], content: 'Dark.', secondary_keys: ['stairs'] }
const entryOf = (fields: JsonObject) => readBook({ entries: [{ ...plain, ...fields }] }, 'b').entries[0]

/** Another value than what holds where the field is left out, with what it needs beside it. */
const other: Readonly<Record<string, JsonObject>> = {
  name: { name: 'Cellar' },
  content: { content: 'Damp.' },
  keys: { keys: ['attic'] },
  selective: { selective: true },
  selectiveLogic: { selectiveLogic: 3 },
  constant: { constant: true },
  enabled: { enabled: false },
  insertion_order: { insertion_order: 99 },
  priority: { priority: 1 },
  position: { position: 0 },
  scan_depth: { scan_depth: 5 },
  case_sensitive: { case_sensitive: true },
  match_whole_words: { match_whole_words: false },
  probability: { probability: 99 },
  sticky: { sticky: 1 },
  cooldown: { cooldown: 1 },
  delay: { delay: 1 },
  group: { group: 'rooms' },
  group_weight: { group_weight: 99 },
  group_override: { group_override: true },
  use_group_scoring: { use_group_scoring: true },
  exclude_recursion: { exclude_recursion: true },
  prevent_recursion: { prevent_recursion: true },
  delay_until_recursion: { delay_until_recursion: 1 },
  ignore_budget: { ignore_budget: true },
  vectorized: { vectorized: true },
  characterFilter: { characterFilter: { names: ['mira'], isExclude: false, tags: [] } },
}
/** These say something only beside another. */
const beside: Readonly<Record<string, readonly [JsonObject, JsonObject]>> = {
  secondary_keys: [{ selective: true }, { secondary_keys: ['ladder'] }],
  depth: [{ position: 4 }, { depth: 9 }],
  role: [{ position: 4 }, { role: 2 }],
  outlet_name: [{ position: 7 }, { outlet_name: 'below' }],
}

describe('the table of an entry', () => {
  const table = rows('field of an entry')

  it('has the fields that are tried here, and no other', () => {
    expect([...table.keys()].sort()).toEqual([...Object.keys(other), ...Object.keys(beside)].sort())
  })

  it.each(Object.entries(other))('names %s as it is read', (_, fields) => {
    expect(entryOf(fields)).not.toEqual(entryOf({}))
  })

  it.each(Object.entries(beside))('names %s as it is read, beside what it needs', (_, [needed, fields]) => {
    expect(entryOf({ ...needed, ...fields })).not.toEqual(entryOf(needed))
  })

  it('gives what holds where a field is left out', () => {
    const numbers = [...table].flatMap(([name, otherwise]) =>
      /^(\d+|true|false|`(?:true|false)`)$/.test(otherwise)
        ? [[name, otherwise.replaceAll('`', '')] as const]
        : [],
    )
    expect(numbers.length).toBeGreaterThan(12)
    for (const [name, value] of numbers) {
      expect([name, entryOf({ [name]: JSON.parse(value) })]).toEqual([name, entryOf({})])
    }
    expect(entryOf({ position: 4 })?.place).toEqual({ at: 'depth', depth: 4, role: 'system' })
    expect(entryOf({})?.place).toEqual(entryOf({ position: 1 })?.place)
    expect(entryOf({ case_sensitive: false, match_whole_words: true, group_weight: 100 })).toEqual(
      entryOf({}),
    )
  })
})

it('the table of a book names its fields as they are read', () => {
  const fields = {
    scan_depth: { scan_depth: 5 },
    token_budget: { token_budget: 100 },
    recursive_scanning: { recursive_scanning: true },
    'extensions.hearth.rooms': { extensions: { hearth: { rooms: ['!abc:home'] } } },
  }
  const bare = readBook({ entries: [] }, 'b')
  expect([...rows('field of a book').keys()]).toEqual(Object.keys(fields))
  for (const given of Object.values(fields))
    expect(readBook({ entries: [], ...given }, 'b')).not.toEqual(bare)
})

it('the book that is shown is read', () => {
  const [, text = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
  const { name, entries } = readBook(JSON.parse(text) as JsonObject, 'b')
  expect([name, entries.map((entry) => [entry.name, entry.constant, entry.keys.length])]).toEqual([
    'The house',
    [
      ['Cellar', false, 2],
      ['Weather', true, 0],
    ],
  ])
})
