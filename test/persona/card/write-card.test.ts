import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { personaId } from '../../../src/core/ids.ts'
import { writeZip } from '../../../src/files/zip-write.ts'
import { pictureChunks } from '../../../src/persona/card/blank-picture.ts'
import { cardOfPersona } from '../../../src/persona/card/from-persona.ts'
import { readChunks, writeChunks } from '../../../src/persona/card/png-chunks.ts'
import { keywordOf, textIn } from '../../../src/persona/card/png-text.ts'
import { readCard } from '../../../src/persona/card/read-card.ts'
import { personaOfCard } from '../../../src/persona/card/to-persona.ts'
import { type CardFormat, cardFormats, writeCard } from '../../../src/persona/card/write-card.ts'
import { testPersona } from '../../support/persona.ts'
import { base64, type Fields, json, piece, png, tEXt, v1, v2, v3 } from './card-files.ts'

const picture = writeChunks([...pictureChunks(undefined), piece('IEND', '')])
const through = (card: unknown, format: CardFormat, version: 2 | 3 = 3) =>
  readCard(writeCard(readCard(json(card)), format, version, picture)).root
const dataOf = (root: Fields) => root.data as Fields
const cardsIn = (bytes: Uint8Array) =>
  Object.fromEntries(
    readChunks(bytes).chunks.flatMap((chunk) => {
      const keyword = keywordOf(chunk)
      if (keyword === undefined) return []
      return [[keyword, JSON.parse(Buffer.from(textIn(chunk), 'base64').toString()) as Fields]]
    }),
  )

const unknown = {
  extensions: { 'some/app': { deep: [1, { x: null }], zero: 0, text: '\u2028 "q" \\' }, fav: true },
  creation_date: 1_700_000_000_000,
  dreams: [true, false],
}

describe('nothing is lost on the way', () => {
  it.each(cardFormats)('through %s, of what is known and of what nobody knows', (format) => {
    const card = v3({ ...unknown, source: ['x'], assets: [], creator_notes_multilingual: { de: 'Hallo' } })
    const whole = { ...card, data: { ...dataOf(card), assets: undefined }, site: { id: 7 } }
    const { assets: _, ...data } = dataOf(through(whole, format))
    const { assets: __, ...wanted } = dataOf(card)
    expect(data).toEqual(wanted)
    expect(through(whole, format)).toMatchObject({
      site: { id: 7 },
      spec: 'chara_card_v3',
      spec_version: '3.0',
    })
  })

  it('for any extensions and unknown fields at all', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...cardFormats), (value, format) => {
        const written = through(v3({ extensions: { app: value }, other: value }), format)
        const back = dataOf(JSON.parse(JSON.stringify(written)) as Fields)
        const wanted = JSON.parse(JSON.stringify({ app: value })) as unknown
        expect([back.extensions, { app: back.other }]).toEqual([wanted, wanted])
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a number that is longer than a double as it is written', () => {
    const text = JSON.stringify(v3()).replace(
      '"extensions":{}',
      '"extensions":{"id":123456789012345678901,"big":1e999}',
    )
    const written = Buffer.from(writeCard(readCard(Buffer.from(text)), 'json', 3, undefined)).toString()
    expect(written).toContain('"id": 123456789012345678901')
    expect(written).toContain('"big": 1e999')
  })

  it('keeps the other chunks of a PNG, and puts the card before its end', () => {
    const original = png([
      piece('teXt', 'foreign'),
      tEXt('chara', base64(v2(unknown))),
      tEXt('Comment', 'e30='),
    ])
    const bytes = writeCard(readCard(original), 'png', 3, undefined)
    const { chunks, whole } = readChunks(bytes)
    expect(whole).toBe(true)
    expect(chunks.map(({ type }) => type)).toEqual([
      'IHDR',
      'PLTE',
      'IDAT',
      'teXt',
      'tEXt',
      'tEXt',
      'tEXt',
      'IEND',
    ])
    expect(Object.keys(cardsIn(bytes))).toEqual(['Comment', 'chara', 'ccv3'])
  })

  it('carries the files of an archive into JSON and back', () => {
    const path = 'assets/emotion/images/joy.png'
    const assets = [
      { type: 'icon', uri: 'embeded://assets/icon/images/a.png', name: 'main', ext: 'png' },
      { type: 'emotion', uri: `embeded://${path}`, name: 'joy', ext: 'png' },
      { type: 'x_far', uri: 'https://example.org/x', name: 'far', ext: 'png' },
    ]
    const joy = Buffer.from('joy')
    const archive = readCard(
      writeZip([
        ['card.json', json(v3({ assets }))],
        ['assets/icon/images/a.png', picture],
        [path, joy],
        ['module.risum', joy],
      ]),
    )
    const flat = readCard(writeCard(archive, 'json', 3, undefined))
    expect((flat.data.assets as unknown as { uri: string }[]).map(({ uri }) => uri.slice(0, 21))).toEqual([
      'data:image/png;base64',
      'data:image/png;base64',
      'https://example.org/x',
    ])
    const again = readCard(writeCard(flat, 'charx', 3, undefined))
    expect(again.asset('assets/emotion/images/main.png', 100)).toEqual(joy)
    expect(readCard(writeCard(archive, 'charx', 3, undefined)).asset('module.risum', 100)).toEqual(joy)
    const shown = readCard(writeCard(archive, 'png', 3, undefined))
    expect(shown.picture).toEqual(picture)
    expect((shown.data.assets as unknown as { uri: string }[])[0]?.uri).toBe('ccdefault:')
  })
})

describe('what is written is what the specification asks for', () => {
  it('V1 becomes V2 or V3, with every field that must be there', () => {
    for (const version of [2, 3] as const) {
      const root = through({ ...v1, char_extra: 1 }, 'json', version)
      expect(root).toMatchObject({
        spec: `chara_card_v${version}`,
        spec_version: `${version}.0`,
        char_extra: 1,
      })
      expect(dataOf(root)).toMatchObject({
        ...v1,
        tags: [],
        alternate_greetings: [],
        extensions: {},
        creator: '',
      })
      expect('group_only_greetings' in dataOf(root)).toBe(version === 3)
    }
  })

  it('fields and entries of a wrong type are put right', () => {
    const book = {
      entries: {
        3: { key: ['a'], content: 'b', order: 7, disable: true, position: 4, extensions: { depth: 2 } },
      },
      odd: 1,
    }
    const data = dataOf(through(v2({ tags: null, name: 5, character_book: book }), 'json'))
    expect(data).toMatchObject({ tags: [], name: '5' })
    expect(data.character_book).toMatchObject({
      odd: 1,
      extensions: {},
      entries: [
        {
          keys: ['a'],
          insertion_order: 7,
          enabled: false,
          use_regex: false,
          extensions: { position: 4, depth: 2 },
        },
      ],
    })
    expect('character_book' in dataOf(through(v2({ character_book: null }), 'json'))).toBe(false)
  })

  it('an entry means the same before and after', () => {
    const entry = {
      key: ['a, b'],
      content: 'c',
      position: 4,
      depth: 1,
      role: 2,
      order: 3,
      selective: true,
      keysecondary: ['d'],
    }
    const card = v2({ character_book: { entries: { 0: entry } } })
    const lore = (root: Fields) => personaOfCard(readCard(json(root)), personaId('w')).persona.lore
    expect(lore(through(card, 'json'))?.[0]?.entries).toMatchObject([
      { order: 3, place: { at: 'depth', depth: 1, role: 'assistant' }, keys: [{ text: 'a' }, { text: 'b' }] },
    ])
    expect(lore(through(card, 'json'))?.[0]?.entries.map(({ id, ...rest }) => rest)).toEqual(
      lore(card)?.[0]?.entries.map(({ id, ...rest }) => rest),
    )
  })

  it('a PNG of V3 has an older copy with a warning and without decorators; one of V2 is the card itself', () => {
    const book = {
      entries: [{ keys: ['k'], content: '@@depth 1\n@@@x\nFog.', extensions: {} }],
      extensions: {},
    }
    const card = readCard(json(v3({ character_book: book })))
    const both = cardsIn(writeCard(card, 'png', 3, picture))
    const contents = (root: Fields | undefined) =>
      (dataOf(root ?? {}).character_book as { entries: { content: string }[] }).entries.map(
        ({ content }) => content,
      )
    expect(contents(both.ccv3)).toEqual(['@@depth 1\n@@@x\nFog.'])
    expect(contents(both.chara)).toEqual(['Fog.'])
    expect(both.chara).toMatchObject({ spec: 'chara_card_v2' })
    expect(dataOf(both.chara ?? {}).creator_notes).toMatch(/^For two\.\n\nThis is the older copy/)
    const alone = cardsIn(writeCard(card, 'png', 2, picture))
    expect(Object.keys(alone)).toEqual(['chara'])
    expect(contents(alone.chara)).toEqual(['@@depth 1\n@@@x\nFog.'])
  })

  it('a picture that is no PNG goes along as it is', () => {
    const jpeg = new Uint8Array(Buffer.from('\xff\xd8\xff a picture', 'latin1'))
    for (const format of ['png', 'charx'] as const) {
      const card = readCard(writeCard(readCard(json(v3())), format, 3, jpeg))
      expect(personaOfCard(card, personaId('w')).persona.avatar).toEqual({
        mediaType: 'image/jpeg',
        bytes: jpeg,
      })
      expect((card.data.assets as unknown as { ext: string }[])[0]?.ext).toBe('jpeg')
    }
  })

  it('a CHARX holds V3 alone, and the picture of a PNG as its icon', () => {
    const card = readCard(png([tEXt('chara', base64(v2()))]))
    expect(() => writeCard(card, 'charx', 2, undefined)).toThrow('version 3 alone')
    const archive = readCard(writeCard(card, 'charx', 3, undefined))
    expect(archive.data.assets).toEqual([
      { type: 'icon', uri: 'embeded://assets/icon/images/main.png', name: 'main', ext: 'png' },
    ])
    expect(archive.asset('assets/icon/images/main.png', 1_000_000)).toEqual(card.picture)
  })
})

it('a persona that was written here is the same after a card, settings and all', () => {
  const persona = {
    ...testPersona,
    examples: [
      { user: 'Late?', reply: 'Dark.\nVery.' },
      { user: '', reply: 'Well.' },
    ],
    reminder: 'Dry.',
    model: { sampling: { temperature: 0.3 }, stop: ['<END>\n'] },
    manners: { settleMs: 9, typing: 'human' as const, quietHours: '23:00-07:00' },
  }
  for (const format of cardFormats) {
    const { card, avatar, ...back } = personaOfCard(
      readCard(writeCard(cardOfPersona(persona), format, 3, undefined)),
      persona.id,
    ).persona
    expect(back).toEqual(persona)
  }
})
