import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HearthError } from '../../../src/core/errors.ts'
import { personaId } from '../../../src/core/ids.ts'
import { writeZip } from '../../../src/files/zip-write.ts'
import { pictureChunks } from '../../../src/persona/card/blank-picture.ts'
import { isPng, readChunks, writeChunks } from '../../../src/persona/card/png-chunks.ts'
import { readCard } from '../../../src/persona/card/read-card.ts'
import { personaOfCard } from '../../../src/persona/card/to-persona.ts'
import { base64, iTXt, json, piece, png, tEXt, v1, v2, v3, zTXt } from './card-files.ts'

const wren = personaId('wren')
const persona = (bytes: Uint8Array) => personaOfCard(readCard(bytes), wren).persona
const notes = (bytes: Uint8Array) => personaOfCard(readCard(bytes), wren).notes
const nameIn = (bytes: Uint8Array) => persona(bytes).name
const faultOf = (bytes: Uint8Array): string => {
  try {
    readCard(bytes)
    return 'none'
  } catch (error) {
    if (!(error instanceof HearthError)) throw error
    expect(error.mend).toMatch(/\S/)
    return error.message
  }
}

describe('a card becomes a persona', () => {
  it('V1: six fields at the top', () => {
    expect(persona(json(v1))).toMatchObject({
      name: 'Wren',
      description: 'Wren keeps a lamp.',
      personality: 'dry',
      scenario: 'a tower',
      greetings: ['Fog, {{user}}.'],
      examples: [{ user: 'Is it late?', reply: 'It is dark.' }],
    })
  })

  it('V2: what is in data counts, and what older programs repeat at the top does not', () => {
    const card = {
      ...v2({ system_prompt: 'Be Wren. {{original}}' }),
      name: 'Old',
      first_mes: 'Old.',
      fav: true,
    }
    const { name, greetings, reminder, card: parts } = persona(json(card))
    expect([name, greetings, reminder]).toEqual(['Wren', ['Fog, {{user}}.', 'Wind.'], 'Stay dry.'])
    expect(parts).toMatchObject({
      systemPrompt: 'Be Wren. {{original}}',
      creator: 'nobody',
      creatorNotes: 'For two.',
      characterVersion: '1',
      tags: ['sea'],
    })
  })

  it('V2: talkativeness and the note at a depth come from the extensions of SillyTavern', () => {
    const extensions = { talkativeness: '0.3', depth_prompt: { prompt: 'Fog.', depth: 2, role: 'user' } }
    expect(persona(json(v2({ extensions }))).card).toMatchObject({
      talkativeness: 0.3,
      note: { text: 'Fog.', depth: 2, role: 'user' },
    })
    expect(persona(json(v2({ extensions: { depth_prompt: { prompt: '' } } }))).card?.note).toBeUndefined()
  })

  it('V2: a talkativeness of 0.5 says nothing, since SillyTavern writes it into every card', () => {
    const of = (talkativeness: unknown) =>
      persona(json(v2({ extensions: { talkativeness } }))).card?.talkativeness
    expect([0.5, '0.5', 0.51, 2, 0].map(of)).toEqual([undefined, undefined, 0.51, 1, 0])
  })

  it('V3: the nickname is the name, and greetings for groups are kept', () => {
    const { name, card } = persona(json(v3({ nickname: 'Birdie', group_only_greetings: ['All here?'] })))
    expect([name, card?.groupGreetings]).toEqual(['Birdie', ['All here?']])
    expect(nameIn(json(v3({ nickname: '' })))).toBe('Wren')
  })

  it("V3: the creator's notes are those in English where there are several", () => {
    const notesOf = (several: unknown) =>
      persona(json(v3({ creator_notes_multilingual: several }))).card?.creatorNotes
    expect([notesOf({ de: 'Zu zweit.', en: 'For three.' }), notesOf({ de: 'Zu zweit.' })]).toEqual([
      'For three.',
      'For two.',
    ])
  })

  it('V3: a newer version is read, and said to be newer', () => {
    const newer = { ...v3({ dreams: ['x'] }), spec_version: '3.1' }
    expect(nameIn(json(newer))).toBe('Wren')
    expect(notes(json(newer)).join()).toContain('newer version')
    expect(notes(json(v3()))).toEqual([])
  })

  it('reads the names that fields had before there was a specification', () => {
    const old = {
      char_name: 'Wren',
      char_persona: 'p',
      world_scenario: 'w',
      char_greeting: 'g',
      example_dialogue: '',
    }
    expect(persona(json(old))).toMatchObject({
      name: 'Wren',
      description: 'p',
      scenario: 'w',
      greetings: ['g'],
    })
  })

  it('takes fields of a wrong type for what they were meant', () => {
    const odd = v2({
      description: null,
      first_mes: 5,
      tags: null,
      alternate_greetings: 'x',
      extensions: [],
      character_book: null,
    })
    expect(persona(json(odd))).toMatchObject({ description: '', greetings: ['5'] })
  })

  it('reads JSON with a byte order mark, in UTF-16, and written into a text', () => {
    const text = JSON.stringify(v1)
    expect(nameIn(Buffer.from(`\ufeff${text}`))).toBe('Wren')
    expect(nameIn(Buffer.from(`\ufeff${text}`, 'utf16le'))).toBe('Wren')
    expect(nameIn(json(text))).toBe('Wren')
  })

  it('turns CRLF into line ends, and finds examples without <START> and under the own name', () => {
    const { examples, description } = persona(
      json({
        ...v1,
        description: 'a\r\nb',
        mes_example: 'Wren: One.\r\nTwo.\r\n{{user}}: Hm?\r\nWREN: Three.',
      }),
    )
    expect(description).toBe('a\nb')
    expect(examples).toEqual([
      { user: '', reply: 'One.\nTwo.' },
      { user: 'Hm?', reply: 'Three.' },
    ])
  })

  it('asks for a longer context where its texts are long', () => {
    const long = json({ ...v1, description: 'word '.repeat(8_000) })
    expect(persona(long).budget.contextTokens).toBe(32_768)
    expect(notes(long).join()).toContain('context of 32,768 tokens')
  })

  it('says of scripts, code and HTML that they are kept and not run', () => {
    const extensions = { regex_scripts: [{}, {}], TavernHelper_scripts: [{}] }
    const said = notes(json(v3({ extensions, name: '<b>Wren</b>' }))).join('\n')
    expect(said).toContain('2 scripts that rewrite texts')
    expect(said).toContain('program code')
    expect(said).toContain('HTML')
  })
})

describe('a PNG', () => {
  it('is read with its card after the pixels and before them, and the card is not in the avatar', () => {
    for (const where of ['after', 'before'] as const) {
      const { name, avatar } = persona(png([tEXt('chara', base64(v2())), piece('teXt', 'x')], where))
      expect(name).toBe('Wren')
      expect(avatar?.mediaType).toBe('image/png')
      const types = readChunks(avatar?.bytes ?? new Uint8Array()).chunks.map(({ type }) => type)
      expect(types).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND'])
    }
  })

  it('with both chunks is believed by ccv3, whichever comes first and however it is written', () => {
    const [older, newer] = [tEXt('chara', base64(v2())), tEXt('CCV3', base64(v3({ name: 'New' })))]
    expect(nameIn(png([older, newer]))).toBe('New')
    expect(nameIn(png([newer, older]))).toBe('New')
    expect(nameIn(png([tEXt('ccv3', 'broken'), older]))).toBe('Wren')
  })

  it('may have its card packed, as international text, as bare JSON, or after its end', () => {
    expect(nameIn(png([zTXt('chara', base64(v2()))]))).toBe('Wren')
    expect(nameIn(png([iTXt('chara', base64(v2()), false)]))).toBe('Wren')
    expect(nameIn(png([iTXt('chara', JSON.stringify(v2({ name: '霧' })), true)]))).toBe('霧')
    const late = writeChunks([...pictureChunks(undefined), piece('IEND', ''), tEXt('chara', base64(v2()))])
    expect(nameIn(late)).toBe('Wren')
  })

  it('may have foreign chunks of some megabytes beside the card', () => {
    expect(nameIn(png([piece('tEXt', `risuai\0${'A'.repeat(4_000_000)}`), tEXt('chara', base64(v1))]))).toBe(
      'Wren',
    )
  })

  it('that is cut off after its card gives the persona and no avatar', () => {
    const whole = png([tEXt('chara', base64(v2()))], 'before')
    const { name, avatar } = persona(whole.subarray(0, whole.length - 40))
    expect([name, avatar]).toEqual(['Wren', undefined])
  })

  it('is refused with the reason', () => {
    const good = png([tEXt('chara', base64(v2()))])
    const at = Buffer.from(good).indexOf('chara') + 20
    const flipped = Buffer.from(good)
    flipped[at] = (flipped[at] ?? 0) ^ 1
    expect(faultOf(flipped)).toContain('checksum is wrong')
    const long = Buffer.from(good)
    long.writeUInt32BE(0x7fffffff, Buffer.from(good).indexOf('tEXtchara') - 4)
    expect(faultOf(long)).toContain('damaged or cut off')
    expect(faultOf(png([]))).toContain('no character card in this picture')
    expect(faultOf(png([tEXt('chara', 'e30=')]))).toContain('no name and texts')
    expect(faultOf(png([tEXt('chara', Buffer.from('[1').toString('base64'))]))).toContain('not valid JSON')
    expect(faultOf(png([piece('zTXt', 'chara\0\0nonsense')]))).toContain('cannot be unpacked')
    expect(faultOf(png([zTXt('chara', 'A'.repeat(40_000_000))]))).toContain('unpacks to too much')
  })
})

describe('an archive', () => {
  const icon = writeChunks([...pictureChunks(undefined), piece('IEND', '')])
  const assets = [{ type: 'icon', uri: 'embeded://assets/icon/images/a.png', name: 'main', ext: 'png' }]
  const charx = (card: unknown, ...files: readonly (readonly [string, Uint8Array])[]) =>
    writeZip([['card.json', json(card)], ...files])

  it('gives the persona its icon, by either spelling of the address', () => {
    for (const uri of ['embeded://assets/icon/images/a.png', 'embedded://assets/icon/images/a.png']) {
      const bytes = charx(v3({ assets: [{ ...assets[0], uri }] }), ['assets/icon/images/a.png', icon])
      expect(isPng(persona(bytes).avatar?.bytes ?? icon.subarray(1))).toBe(true)
    }
  })

  it('is read behind a picture', () => {
    const jpeg = Buffer.from('\xff\xd8\xff a picture', 'latin1')
    expect(nameIn(Buffer.concat([jpeg, charx(v3())]))).toBe('Wren')
  })

  it('is refused with the reason', () => {
    const good = Buffer.from(charx(v3()))
    expect(faultOf(writeZip([['cards.json', json(v3())]]))).toContain('no card.json')
    expect(faultOf(charx(v3(), ['../../etc/passwd', icon]))).toContain('a place outside of it')
    expect(faultOf(charx(v3(), ['C:\\x', icon]))).toContain('a place outside of it')
    expect(faultOf(charx(v3(), ['card.json', icon]))).toContain('twice')
    const directory = good.lastIndexOf('PK\x01\x02')
    const locked = Buffer.from(good)
    locked.writeUInt16LE(1, directory + 8)
    expect(faultOf(locked)).toContain('password')
    const bomb = Buffer.from(good)
    bomb.writeUInt32LE(0xfffffff0, directory + 24)
    expect(faultOf(bomb)).toContain('is the most')
    const other = Buffer.from(good)
    other.writeUInt32LE(1, directory + 16)
    expect(faultOf(other)).toContain('checksum')
  })

  it('with a picture on the network, or a broken one, has no avatar and says why', () => {
    const far = charx(v3({ assets: [{ ...assets[0], uri: 'https://example.org/a.png' }] }))
    expect(persona(far).avatar).toBeUndefined()
    expect(notes(far).join()).toContain('nothing is fetched')
    const text = charx(v3({ assets }), ['assets/icon/images/a.png', Buffer.from('<svg/>')])
    expect(notes(text).join()).toContain('no PNG')
  })
})

describe('whatever is in the file', () => {
  it('refuses in words what is no card', () => {
    expect(faultOf(Buffer.from('name: Wren'))).toContain('neither a PNG or WebP, nor JSON')
    expect(faultOf(Buffer.from(''))).toContain('neither a PNG')
    expect(faultOf(Buffer.from('{"name": '))).toContain('not valid JSON')
    expect(faultOf(json({ a: 1 }))).toContain('no name and texts')
    expect(faultOf(json({ entries: {} }))).toContain('no name and texts')
  })

  it('bounds the depth and the number of parts of JSON before it is read', () => {
    expect(faultOf(Buffer.from('['.repeat(5_000_000)))).toContain('nested more than')
    expect(faultOf(Buffer.from(`{"a":[${'[],'.repeat(400_000)}1]}`))).toContain('too many parts')
    expect(faultOf(Buffer.from(`"${'\\'.repeat(1_000_000)}`))).toContain('not valid JSON')
  })

  const samples: readonly (readonly [string, Uint8Array])[] = [
    ['JSON', json(v3({ character_book: { entries: [{ keys: ['a'], content: '@@depth 1\nb' }] } }))],
    ['PNG', png([tEXt('chara', base64(v2())), zTXt('ccv3', base64(v3())), iTXt('x', 'y', true)])],
    [
      'CHARX',
      writeZip([
        ['card.json', json(v3())],
        ['assets/a.png', Buffer.from('x')],
      ]),
    ],
  ]
  it.each(samples)('reads or refuses %s that is damaged in any way', (_, sample) => {
    const slip = fc.tuple(fc.nat(sample.length - 1), fc.nat(255), fc.nat(40))
    fc.assert(
      fc.property(fc.array(slip, { minLength: 1, maxLength: 6 }), fc.boolean(), (slips, cut) => {
        let bytes = Buffer.from(sample)
        for (const [at, byte, more] of slips) {
          bytes[at % bytes.length] = byte
          if (cut && bytes.length > 60)
            bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + more)])
          if (bytes.length === 0) return
        }
        if (faultOf(bytes) === 'none') persona(bytes)
      }),
      { numRuns: 150 },
    )
  })

  it('makes a persona of any JSON in the fields of a card', () => {
    const fields = fc.constantFrom(
      ...Object.keys(v3().data as object),
      'character_book',
      'assets',
      'nickname',
    )
    fc.assert(
      fc.property(fc.dictionary(fields, fc.jsonValue({ maxDepth: 3 })), (data) => {
        const { name } = persona(json(v3({ ...data })))
        expect(name).toMatch(/^[^\u0000-\u001f]{1,80}$/)
      }),
      { numRuns: 150 },
    )
  })
})
