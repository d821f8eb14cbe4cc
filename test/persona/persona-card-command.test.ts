import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addPersonaCommand } from '../../src/commands/persona.ts'
import { HearthError } from '../../src/core/errors.ts'
import { readPersonas } from '../../src/persona/read.ts'
import { base64, json, png, tEXt, v1, v2, v3 } from './card/card-files.ts'

let folder: string
let personas: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-cards-'))
  personas = join(folder, 'personas')
  await mkdir(personas)
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const signal = new AbortController().signal
const readAll = () => readPersonas(personas, signal)

/** What `hearth persona …` prints, and how it fails; `~` for the folder of the test. */
async function run(...words: readonly string[]): Promise<string> {
  let printed = ''
  const program = new Command().exitOverride()
  const write = (text: string) => {
    printed += text
  }
  addPersonaCommand(program, { personasFolder: async () => personas, write, signal })
  await program.parseAsync(['persona', ...words], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof HearthError)) throw error
    printed += `${error.code}: ${error.message} ${error.mend}`
  })
  return printed.replaceAll(folder, '~')
}

async function put(path: string, content: string | Uint8Array): Promise<string> {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), content)
  return join(folder, path)
}

const card = png([tEXt('chara', base64(v2()))])
const lore = { entries: { 0: { key: ['fog'], content: 'Fog is wet.', comment: 'Fog' } } }

describe('a folder with a card', () => {
  test('is a persona, with the picture as its avatar', async () => {
    await put('personas/wren/card.png', card)
    const { personas: found, problems, notes } = await readAll()
    expect([problems, notes]).toEqual([[], []])
    expect(found[0]).toMatchObject({ id: 'wren', name: 'Wren', avatar: { mediaType: 'image/png' } })
  })

  test('is checked with the lore that stands in each of its prompts', async () => {
    await put('personas/wren/card.png', card)
    const always = { key: [], constant: true, content: 'It rains, and has rained.' }
    await put('personas/wren/lore/rain.json', JSON.stringify({ entries: { ...lore.entries, 1: always } }))
    expect(await run('check')).toMatch(
      /^ok {4}wren: .* tokens of each prompt, and 7 of lore that always stands$/m,
    )
  })

  test('takes what persona.yaml says in the place of what the card says', async () => {
    await put('personas/wren/card.json', json(v2()))
    await put('personas/wren/persona.yaml', 'scenario: A shed.\nmodel:\n  temperature: 0.2\n')
    const [wren] = (await readAll()).personas
    expect(wren).toMatchObject({
      description: 'Wren keeps a lamp.',
      scenario: 'A shed.',
      reminder: 'Stay dry.',
      model: { sampling: { temperature: 0.2 } },
    })
    await put('personas/wren/persona.yaml', '# nothing yet\n')
    expect((await readAll()).personas[0]?.scenario).toBe('a tower')
    await put('personas/wren/persona.yaml', 'scenaro: A shed.\n')
    expect(await run('check')).toContain('persona.yaml:1: scenaro is no field of a persona')
  })

  test('has the books in its folder beside the one in the card', async () => {
    await put('personas/wren/card.json', json(v3({ character_book: { entries: [] } })))
    await put('personas/wren/lore/sea.json', json(lore))
    await put('personas/wren/lore/notes.txt', 'nothing')
    expect((await readAll()).personas[0]?.lore?.map(({ id }) => id)).toEqual(['card', 'sea'])
    await put('personas/wren/lore/odd.json', '{}')
    expect(await run('check')).toContain('lore/odd.json: this is no book of lore: it has no entries')
  })

  test('that is broken is named with its mend', async () => {
    await put('personas/a/card.png', 'text')
    await put('personas/b/Wren.png', card)
    expect(await run('check')).toBe(
      'wrong ~/personas/a/card.png: this is no character card: neither a PNG or WebP, nor JSON, nor a CHARX archive\n' +
        '      Take the PNG, WebP, JSON or CHARX file of the character. Pictures of other kinds lose the card.\n' +
        'wrong ~/personas/b: there is no persona.yaml in this folder\n' +
        '      If Wren.png is a character card, rename it to card.png.\n' +
        'persona-invalid: The personas have 2 problems. Mend them as said above, then run: npx hearth persona check',
    )
  })

  test('of 500 MB is refused by its size', async () => {
    const path = await put('personas/wren/card.png', card)
    await truncate(path, 500_000_000)
    expect(await run('check')).toContain('the file has 500,000,000 bytes, and 134,217,728 is the most')
  })

  test('shows what the card says beyond a persona, and notes', async () => {
    const book = { entries: [{ keys: ['fog'], content: 'x', name: 'Fog' }] }
    await put(
      'personas/wren/card.json',
      json(v2({ character_book: book, system_prompt: 'Be dry.', name: '<i>Wren</i>' })),
    )
    const shown = await run('show', 'wren')
    for (const part of ['system prompt\n  Be dry.', 'lore\n  Fog: fog', "creator's notes\n  For two."]) {
      expect(shown).toContain(part)
    }
    expect(await run('check')).toContain('note  ~/personas/wren/card.json: its name has HTML in it')
  })
})

describe('import', () => {
  test('copies the card, byte for byte, into a folder by its name', async () => {
    const path = await put('Some Card (1).png', card)
    expect(await run('import', path)).toBe(
      '~/personas/wren/card.png is written: Wren, 2 greetings, 1 example, 0 lorebook entries\n' +
        'Talk to it with: npx hearth chat wren\n',
    )
    expect(new Uint8Array(await readFile(join(personas, 'wren/card.png')))).toEqual(new Uint8Array(card))
  })

  test('takes the name that is given, or that of the file, and asks where none will do', async () => {
    const path = await put('霧.json', json({ ...v1, name: '霧' }))
    expect(await run('import', path)).toMatch(/^persona-name: .*--as <name>$/)
    expect(await run('import', path, '--as', 'Fog')).toMatch(/^persona-name: .*--as fog$/)
    expect(await run('import', path, '--as', '../fog')).toMatch(/^persona-name: /)
    expect(await run('import', path, '--as', 'fog')).toContain('personas/fog/card.json is written: 霧')
    expect(await readdir(folder)).toEqual(['personas', '霧.json'])
  })

  test('says when the card is here already, also where a line end differs', async () => {
    await put('personas/bird/card.json', json(v2()))
    const path = await put(
      'again.json',
      `${JSON.stringify(v2({ creator_notes: 'For two.\r\n' }), null, 2)}\r\n`,
    )
    expect(await run('import', path)).toBe('This card is here already: ~/personas/bird/card.json\n')
    expect(await run('import', path, '--as', 'bird')).toMatch(/^persona-exists: /)
    expect(await run('import', path, '--as', 'other')).toContain('other/card.json is written')
  })

  test('never writes over a persona', async () => {
    await put('personas/wren/persona.yaml', 'name: Wren\ndescription: x\n')
    expect(await run('import', await put('a.json', json(v1)))).toMatch(/^persona-exists: .*--as <name>$/)
    expect(await readdir(join(personas, 'wren'))).toEqual(['persona.yaml'])
  })

  test('puts a book of lore beside the persona to whom it belongs', async () => {
    const path = await put('Sea.json', json(lore))
    expect(await run('import', path)).toMatch(/^lore-whose: /)
    expect(await run('import', path, '--as', 'wren')).toMatch(/^persona-unknown: /)
    await put('personas/wren/card.json', json(v1))
    expect(await run('import', path, '--as', 'wren')).toBe(
      '~/personas/wren/lore/sea.json is written: a book of 1 entry\n',
    )
    expect(await run('lore', 'wren', 'so', 'much', 'fog')).toBe('in    Fog: before-persona, about 7 tokens\n')
    expect(await run('lore', 'wren', 'sun')).toBe('Nothing comes in.\n')
  })

  test('refuses in words what it cannot read', async () => {
    expect(await run('import', join(folder, 'none.png'))).toMatch(
      /^card-unreadable: .*no such file.* Look at the path/,
    )
    expect(await run('import', await put('x.png', png([])))).toMatch(
      /^card-unreadable: ~\/x\.png: there is no character card/,
    )
    expect(await readdir(personas)).toEqual([])
  })
})

describe('export', () => {
  test.each(['png', 'json', 'charx'])('as %s gives a card that is the same persona', async (format) => {
    await put('personas/wren/card.json', json(v3({ nickname: 'Birdie' })))
    await put('personas/wren/persona.yaml', 'scenario: A shed.\nname: Bird\n')
    const to = join(folder, `out.${format}`)
    expect(await run('export', 'wren', '--format', format, '--to', to)).toBe(`~/out.${format} is written.\n`)
    await run('import', to, '--as', 'again')
    const [again, wren] = (await readAll()).personas
    // A PNG has some picture.
    const { avatar: _, ...rest } = { ...again, id: 'wren' }
    expect(rest).toEqual(wren)
    expect(again?.name).toBe('Bird')
  })

  test('takes the books in the folder into the card, and nothing twice', async () => {
    const book = {
      name: 'own',
      entries: [
        { keys: ['fog'], content: 'Fog is wet.' },
        { keys: ['sun'], content: 'Hot.' },
        { keys: ['heat'], content: 'Hot.' },
      ],
    }
    await put('personas/wren/card.json', json(v2({ character_book: book })))
    const sea = {
      key: ['sea'],
      keysecondary: ['salt'],
      content: 'Salt.',
      position: 4,
      depth: 1,
      disable: true,
    }
    await put('personas/wren/lore/sea.json', json({ entries: { ...lore.entries, 1: sea } }))
    const to = join(folder, 'out.json')
    await run('export', 'wren', '--format', 'json', '--to', to)
    const [, , , written] = JSON.parse(await readFile(to, 'utf8')).data.character_book.entries
    expect(written).toMatchObject({ secondary_keys: ['salt'], extensions: { position: 4, depth: 1 } })
    await run('import', to, '--as', 'again')
    const [again] = (await readAll()).personas[0]?.lore ?? []
    expect(again).toMatchObject({
      name: 'own',
      entries: [
        { content: 'Fog is wet.' },
        { content: 'Hot.' },
        { content: 'Hot.', keys: [{ text: 'heat' }] },
        { content: 'Salt.', enabled: false, place: { at: 'depth', depth: 1 } },
      ],
    })
  })

  test('writes the lore alone as a world, which can be taken in again', async () => {
    await put(
      'personas/wren/card.json',
      json(v2({ character_book: { entries: [{ keys: ['sea'], content: 'Salt.' }] } })),
    )
    await put('personas/wren/lore/fog.json', json(lore))
    const to = join(folder, 'world.json')
    expect(await run('export', 'wren', '--format', 'world', '--to', to)).toBe('~/world.json is written.\n')
    expect(JSON.parse(await readFile(to, 'utf8'))).toMatchObject({
      name: 'Wren',
      entries: { 0: { key: ['sea'], content: 'Salt.' }, 1: { key: ['fog'], comment: 'Fog' } },
    })
    await put('personas/pip/persona.yaml', 'name: Pip\ndescription: d\n')
    expect(await run('import', to, '--as', 'pip')).toContain('a book of 2 entries')
    expect(await run('export', 'pip', '--format', 'world', '--to', join(folder, 'b.json'))).toContain(
      'is written',
    )
    await put('personas/bare/persona.yaml', 'name: Bare\ndescription: d\n')
    expect(await run('export', 'bare', '--format', 'world')).toMatch(/^no-lore: Bare has no lore/)
  })

  test('never writes over a file, and knows the versions', async () => {
    await put('personas/wren/card.json', json(v1))
    const to = await put('out.json', 'mine')
    expect(await run('export', 'wren', '--format', 'json', '--to', to)).toMatch(
      /^persona-exists: .*--to <file>/,
    )
    expect(await run('export', 'wren', '--format', 'charx', '--version', '2')).toMatch(/^card-format: /)
    expect(await run('export', 'nobody')).toMatch(/^persona-unknown: /)
    await run('export', 'wren', '--format', 'json', '--version', '2', '--to', join(folder, 'v2.json'))
    expect(JSON.parse(await readFile(join(folder, 'v2.json'), 'utf8'))).toMatchObject({
      spec: 'chara_card_v2',
    })
  })
})
