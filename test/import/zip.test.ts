import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExport } from '../../src/import/export.ts'
import { importFile } from '../../src/import/import-file.ts'
import type { Chosen } from '../../src/import/select.ts'
import type { Hints } from '../../src/import/who.ts'
import { makeZip, type ZipItem } from '../support/make-zip.ts'
import { fixture } from './support.ts'

const nobody: Hints = { person: 'keyboard', personNames: [], persona: ['mira', 'Mira'], personaNames: [] }
const signal = new AbortController().signal

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-import-zip-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function take(bytes: Buffer, hints: Partial<Hints> = {}) {
  const file = path.join(folder, 'export.zip')
  await writeFile(file, bytes)
  const taken: Chosen[] = []
  const shares: number[] = []
  let written = ''
  await using source = await openExport(file, { ...nobody, ...hints }, signal)
  await importFile(
    source,
    {
      persona: 'Mira',
      progress: { show: (_what, share) => shares.push(share), clear: () => undefined },
      write: (text) => {
        written += text
      },
      add: async (_conversation, messages) => {
        taken.push(...messages)
        return messages.length
      },
    },
    signal,
  )
  return { taken, written, shares, texts: taken.map(({ text }) => text) }
}

const json = (name: string, value: unknown): ZipItem => ({
  name,
  content: Buffer.from(JSON.stringify(value)),
})
/** A file of ChatGPT with one conversation for each of the texts. */
const chats = (name: string, ...texts: readonly string[]): ZipItem =>
  json(
    name,
    texts.map((id) => {
      const content = { content_type: 'text', parts: [id] }
      const message = { id: `${id}a`, author: { role: 'user' }, content }
      return { id, current_node: 'a', mapping: { a: { id: 'a', message } } }
    }),
  )

describe("ChatGPT's zip", () => {
  it('means what the file in it means', async () => {
    const content = await fixture('chatgpt.json')
    const beside = [
      { name: 'chat.html', content: Buffer.from('<html>') },
      json('user.json', { id: 'user-1' }),
      { name: '__MACOSX/._conversations.json', content: Buffer.from('Mac') },
    ]
    const zipped = await take(makeZip([...beside, { name: 'conversations.json', content }]))
    const plain = await take(content)
    expect(zipped.taken.length).toBe(8)
    expect(zipped.taken).toEqual(plain.taken)
    expect(zipped.written).toBe(plain.written)
  })

  it('may have several files, of which some may be empty, and is counted as a whole', async () => {
    const { texts, shares, written } = await take(
      makeZip([
        chats('x/conversations-000.json', 'one', 'two'),
        chats('x/conversations-001.json', 'three'),
        json('x/conversations-002.json', []),
      ]),
    )
    expect(texts).toEqual(['one', 'two', 'three'])
    expect(written).toContain('in 3 conversations')
    expect(shares.length).toBe(4)
    expect(shares.map((share) => Math.round(share * 10))).toEqual([7, 10, 7, 10])
  })

  it('says in which of its files something cannot be read', async () => {
    const torn = {
      name: 'conversations-001.json',
      content: Buffer.from('[{"mapping": {}},\n{"mapping": tru}]'),
    }
    const { written } = await take(makeZip([chats('conversations-000.json', 'one'), torn]))
    expect(written).toContain('in line 2 of conversations-001.json (byte 18)')
  })
})

it("Element's zip means what the file in it means", async () => {
  const content = await fixture('element.json')
  const hints = { person: '@ada:home', personaNames: ['Mira of the kitchen'] }
  const zipped = await take(makeZip([{ name: 'Kitchen/export.json', content }]), hints)
  expect(zipped.taken.length).toBeGreaterThan(3)
  expect(zipped.taken).toEqual((await take(content, hints)).taken)
})

describe("Discord's data package", () => {
  const [ada, mira, bob] = ['100000000000000001', '100000000000000002', '100000000000000003']
  const rooms = ['200000000000000001', '200000000000000002', '200000000000000003'] as const
  const said = (folder: string, room: string, text: string): ZipItem =>
    json(`${folder}/c${room}/messages.json`, [
      { ID: room, Timestamp: '2024-01-03 16:15:02', Contents: text, Attachments: '' },
    ])
  const channel = (folder: string, id: string, more: object): ZipItem =>
    json(`${folder}/c${id}/channel.json`, { id, ...more })
  const items = (folder: string): readonly ZipItem[] => [
    json(`${folder}/index.json`, {
      [rooms[0]]: 'Direct Message with Mira#1234',
      [rooms[1]]: 'Direct Message with bob#0',
      [rooms[2]]: 'general in Kitchen',
    }),
    said(folder, rooms[0], 'to Mira'),
    channel(folder, rooms[0], { type: 'DM', recipients: [mira, ada] }),
    said(folder, rooms[1], 'to Bob'),
    channel(folder, rooms[1], { type: 'DM', recipients: [ada, bob] }),
    said(folder, rooms[2], 'to everybody'),
    channel(folder, rooms[2], { type: 'GUILD_TEXT', name: 'general' }),
    json('account/user.json', { id: ada, username: 'ada', discriminator: 0, global_name: 'Ada L.' }),
    json('servers/index.json', { 1: 'Kitchen' }),
  ]
  const zip = makeZip(items('messages'))

  it.each([
    ['its name', {}, ['to Mira']],
    ['its id', { persona: ['companion', mira] }, ['to Mira']],
    ['its title', { personaNames: ['general in kitchen'] }, ['to everybody']],
    ['several names', { personaNames: ['BOB', rooms[0]] }, ['to Mira', 'to Bob']],
  ])('is taken of it what was said where the persona goes by %s', async (_what, hints, texts) => {
    expect((await take(zip, hints)).texts).toEqual(texts)
  })

  it('says what is taken, and who the person is', async () => {
    const { written } = await take(makeZip(items('Nachrichten')))
    expect(written).toContain('of it is taken: Direct Message with Mira#1234.')
    expect(written).toContain('the person: ada\n')
  })

  it('is the same conversation as its file alone', async () => {
    const content = await fixture('discord-package.csv')
    const zipped = await take(makeZip([{ name: `messages/${rooms[0]}/messages.csv`, content }]))
    const plain = await take(content)
    expect(zipped.taken.length).toBe(4)
    expect(zipped.taken).toEqual(plain.taken)
  })

  it.each([
    ['nobody is known', { persona: ['companion'] }],
    ['nobody goes by the name', { personaNames: ['Mara'] }],
  ])('lists what it has where %s', async (_what, hints) => {
    await expect(take(zip, hints)).rejects.toMatchObject({
      code: 'import-who',
      message: expect.stringContaining(`  Direct Message with bob#0 (${rooms[1]}, 1 kB)`),
      mend: expect.stringContaining('--persona-as'),
    })
  })

  it('of somebody else is refused, unless it is said to be theirs', async () => {
    expect((await take(zip, { person: ada })).texts).toEqual(['to Mira'])
    await expect(take(zip, { person: bob })).rejects.toMatchObject({
      code: 'import-who',
      mend: expect.stringContaining('--as "ada"'),
    })
    expect((await take(zip, { person: bob, personNames: ['Ada'] })).texts).toEqual(['to Mira'])
    await expect(take(zip, { personNames: ['Bob'] })).rejects.toMatchObject({ code: 'import-who' })
  })
})

describe('a zip that', () => {
  const name = 'conversations.json'
  const one = chats(name, 'one')
  const bomb = { name, content: Buffer.alloc(70 << 20, ' ') }
  const { content: inner } = one
  it.each<[string, Buffer, string]>([
    ['is empty', makeZip([]), 'empty'],
    ['has no messages', makeZip([json('a.json', {})]), 'empty'],
    ['has but another zip in it', makeZip([{ name: 'a.zip', content: makeZip([one]) }]), 'empty'],
    ['is cut off', makeZip([one]).subarray(0, -5), 'damaged'],
    ['has a wrong checksum', makeZip([{ ...one, lies: { crc: 1 } }]), 'damaged'],
    ['is encrypted', makeZip([{ ...one, lies: { flags: 1 } }]), 'locked'],
    ['is packed in an unknown way', makeZip([{ ...one, lies: { method: 9 } }]), 'packing'],
    ['names a place outside', makeZip([{ ...one, name: `../${name}` }]), 'leads-out'],
    ['has one name twice', makeZip([one, one]), 'twice'],
    ['unpacks to a thousand times of itself', makeZip([bomb]), 'too-large'],
    [
      'has the same bytes many times over',
      makeZip([
        one,
        ...Array.from({ length: 9 }, (_, at) => ({
          name: `conversations-${at}.json`,
          content: inner,
          lies: { bytes: 2 ** 31, offset: 0 },
        })),
      ]),
      'too-large',
    ],
  ])('%s is refused, with what to do', async (_what, bytes, code) => {
    await expect(take(bytes)).rejects.toMatchObject({
      code: `import-zip-${code}`,
      mend: expect.stringMatching(/^.{20,}/),
    })
  })

  it('unpacks to more than 16 GB is refused, however large it is itself', async () => {
    const file = path.join(folder, 'large.zip')
    const before = 1e9
    const parts = [1, 2, 3, 4, 5].map((at) => ({
      ...one,
      name: `conversations-${at}.json`,
      lies: { bytes: 4e9 },
    }))
    {
      // A file with a hole takes no room.
      await using handle = await open(file, 'w')
      const bytes = makeZip(parts, { before })
      await handle.truncate(before)
      await handle.write(bytes, 0, bytes.length, before)
      const head = Buffer.from('PK\x03\x04', 'latin1')
      await handle.write(head, 0, head.length, 0)
    }
    await expect(openExport(file, nobody, signal)).rejects.toMatchObject({ code: 'import-zip-too-large' })
    await rm(file)
  })

  it('holds an export that is not known is refused as such', async () => {
    const refused = take(makeZip([json('conversations.json', [{ chat_messages: [] }])]))
    await expect(refused).rejects.toMatchObject({ code: 'import-unknown-format' })
  })

  it('holds only a wrong checksum gives nothing before that is found', async () => {
    const added: unknown[] = []
    const file = path.join(folder, 'wrong.zip')
    await writeFile(file, makeZip([{ ...chats(name, 'one', 'two'), lies: { crc: 1 } }]))
    const options = {
      persona: 'Mira',
      progress: { show: () => undefined, clear: () => undefined },
      write: () => undefined,
      add: async (_conversation: string, messages: readonly Chosen[]) => added.push(messages),
    }
    const importing = async () => {
      await using source = await openExport(file, nobody, signal)
      await importFile(source, options, signal)
    }
    await expect(importing()).rejects.toMatchObject({ code: 'import-zip-damaged' })
    expect(added).toEqual([])
  })
})
