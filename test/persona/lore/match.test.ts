import { describe, expect, it } from 'vitest'
import { activate } from '../../../src/persona/lore/activate.ts'
import { entry, ext, input, names, world } from './support.ts'

const comes = (key: unknown, text: string, rest = {}, extensions = {}): boolean =>
  names(
    [entry('', { keys: Array.isArray(key) ? key : [key], content: 'x', name: 'in', extensions, ...rest })],
    [text],
  ).length > 0

describe('keys', () => {
  it('V2 keys: any of them in the last messages brings the entry, once', () => {
    expect(names([entry('fog', { keys: ['mist', 'fog'] })], ['fog, fog and mist'])).toEqual(['fog'])
    expect(names([entry('fog')], ['sun'])).toEqual([])
  })

  it.each([
    ['whole words', 'cat', 'a Cat.', true],
    ['not inside of a word', 'cat', 'concatenate', false],
    ['nor at its beginning', 'cat', 'cats', false],
    ['beside punctuation', 'C++', 'I write C++!', true],
    ['a key that is meant literally', 'what? (no)', 'he said what? (no) way', true],
    ['dots are dots', 'a.b', 'axb', false],
    ['a key of several words anywhere', 'dark forest', 'dark forests', true],
    ['Chinese anywhere', '霧', '大霧來了', true],
    ['Korean with its particles', '미라', '미라는 말했다', true],
    ['Thai', 'แมว', 'มีแมวอยู่', true],
    ['Latin in Chinese', 'AI', '我是AI嗎', true],
    ['Cyrillic whole words', 'кот', 'который', false],
    ['composed and decomposed letters are the same', 'café', 'cafe\u0301', true],
  ])('%s: %s in %s is %s', (_, key, text, found) => {
    expect(comes(key, text)).toBe(found)
  })

  it('match_whole_words false finds it inside of words', () => {
    expect(comes('cat', 'concatenate', {}, { match_whole_words: false })).toBe(true)
  })

  it('case_sensitive', () => {
    expect(comes('Fog', 'fog', { case_sensitive: true })).toBe(false)
    expect(comes('Fog', 'Fog', { case_sensitive: true })).toBe(true)
    expect(comes('Fog', 'fog', {}, { case_sensitive: null })).toBe(true)
  })

  it('an empty key matches nothing, a key with commas is several, and outer spaces are slips', () => {
    expect(comes([''], 'anything')).toBe(false)
    expect(comes(['fog, mist，sea'], 'a sea')).toBe(true)
    expect(comes([' fog '], 'fog')).toBe(true)
    expect(comes('fog,mist', 'mist')).toBe(true)
  })

  it('scan_depth of the book, of the entry, and two messages otherwise', () => {
    const said = ['fog', 'one', 'two']
    expect(names([entry('fog')], said)).toEqual([])
    expect(names([entry('fog')], said.slice(0, 2))).toEqual(['fog'])
    expect(names([entry('fog')], said, {}, { scan_depth: 3 })).toEqual(['fog'])
    expect(names([ext('fog', { scan_depth: 3 })], said, {}, { scan_depth: 1 })).toEqual(['fog'])
    expect(names([ext('two', { scan_depth: 0 })], said)).toEqual([])
    expect(names([entry('two')], said, {}, { scan_depth: 0 })).toEqual(['two'])
  })

  it('no key spans two messages, and names are searched where there are some', () => {
    expect(names([entry('one two')], ['one', 'two'])).toEqual([])
    const named = input([world({ 0: { key: ['Ada'], content: 'x', comment: 'ada' } })], [])
    expect(activate({ ...named, messages: [{ name: 'Ada', text: 'Hm.' }] }).entries).toHaveLength(1)
  })

  it('the match_ fields search texts of the persona too', () => {
    const entries = [ext('lamp', { match_scenario: true })]
    expect(names(entries, ['hm'], { texts: { scenario: 'below the lamp' } })).toEqual(['lamp'])
    expect(names(entries, ['hm'], { texts: { description: 'a lamp' } })).toEqual([])
  })

  it('macros in a key are filled', () => {
    const expand = (text: string) => ({ sent: text.replace('{{char}}', 'Wren'), searched: text })
    expect(names([entry('{{char}}')], ['Hello Wren'], { expand })).toEqual(['{{char}}'])
  })
})

describe('second keys', () => {
  const both = (logic: number | undefined, text: string) =>
    names(
      [
        ext('a', logic === undefined ? {} : { selectiveLogic: logic }, {
          selective: true,
          secondary_keys: ['b', 'c'],
        }),
      ],
      [text],
    ).length > 0

  it.each([
    ['AND ANY', 0, [false, true, true, false]],
    ['NOT ALL', 1, [true, true, false, false]],
    ['NOT ANY', 2, [true, false, false, false]],
    ['AND ALL', 3, [false, false, true, false]],
    ['V2: any', undefined, [false, true, true, false]],
  ] as const)('%s', (_, logic, expected) => {
    expect(['a', 'a b', 'a b c', 'b c'].map((text) => both(logic, text))).toEqual(expected)
  })

  it('selective without second keys asks for nothing more; second keys without selective do not count', () => {
    expect(comes('a', 'a', { selective: true, secondary_keys: [] })).toBe(true)
    expect(comes('a', 'a', { selective: false, secondary_keys: ['b'] })).toBe(true)
  })
})

describe('regular expressions', () => {
  it('V3 use_regex: keys are patterns, an invalid one matches nothing, second keys and constant do not count', () => {
    const regex = { use_regex: true }
    expect(comes('f.g|mist', 'dense fig', regex)).toBe(true)
    expect(comes('^fog', 'the fog', regex)).toBe(false)
    expect(comes('(', '(', regex)).toBe(false)
    expect(comes('a', 'a', { ...regex, selective: true, secondary_keys: ['b'] })).toBe(true)
    expect(comes('a', 'b', { ...regex, constant: true })).toBe(false)
    expect(comes('FOG', 'fog', regex)).toBe(true)
    expect(comes('FOG', 'fog', { ...regex, case_sensitive: true })).toBe(false)
  })

  it('of SillyTavern, whose every entry says use_regex, are those written /…/', () => {
    const tavern = { position: 0, probability: 100 }
    expect(comes('f.g', 'fog', { use_regex: true }, tavern)).toBe(false)
    expect(comes('what?', 'what?', { use_regex: true }, tavern)).toBe(true)
    expect(comes('f.g', 'fog', { use_regex: true, selectiveLogic: 0 })).toBe(false)
    expect(comes('/f.g/', 'fog', { use_regex: true }, tavern)).toBe(true)
    expect(comes('/F.G/', 'fog', {}, tavern)).toBe(false)
    expect(comes('/F.G/i', 'fog', {}, tavern)).toBe(true)
    expect(comes('a', 'b', { use_regex: true, constant: true }, tavern)).toBe(true)
    expect(comes('/[\\u4e00-\\u9fff]/', '中', {}, tavern)).toBe(true)
    expect(comes('/(?<=a)b/', 'ab', {}, tavern)).toBe(false)
  })

  it('that explode elsewhere are searched to their end', () => {
    expect(comes('/^(a|a)*$/', `${'a'.repeat(60_000)}!`)).toBe(false)
    expect(comes(`/${'(.*?x)'.repeat(31)}$/`, 'xy'.repeat(30_000))).toBe(false)
    expect(comes('/((a{1000}){1000}){1000}/', 'a')).toBe(false)
  })
})
