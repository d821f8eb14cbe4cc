import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { detectFormat } from '../../src/import/detect.ts'
import { createElementText } from '../../src/import/element-text.ts'
import type { Entry } from '../../src/import/entry.ts'
import golden from '../fixtures/import/golden.json' with { type: 'json' }
import { entriesOf, fixture, fixtures, inShort } from './support.ts'

beforeAll(() => {
  // Some formats tell the time of whoever wrote the file.
  vi.stubEnv('TZ', 'UTC')
})
afterAll(() => void vi.unstubAllEnvs())

const said = (entries: readonly Entry[]) => entries.filter((entry) => entry.kind === 'said')
const lines = (...values: readonly object[]) =>
  Buffer.from(values.map((each) => `${JSON.stringify(each)}\n`).join(''))

/** As it was before its latest messages: Discord's package has those first. */
function earlier(name: string, bytes: Buffer): Buffer {
  if (!name.startsWith('discord-package')) return bytes.subarray(0, Math.floor(bytes.length * 0.9))
  const [first = '', second = '', ...rest] = bytes.toString().split('\n')
  return Buffer.from(name.endsWith('csv') ? [first, ...rest].join('\n') : `[${[second, ...rest].join('\n')}`)
}

describe.each(fixtures)('%s', (name) => {
  it('is read into what was said, by whom and when, and why the rest is not', async () => {
    expect(inShort(await entriesOf(await fixture(name)))).toEqual(golden[name])
  })

  it('means the same, however its bytes arrive', async () => {
    const bytes = await fixture(name)
    const whole = await entriesOf(bytes)
    for (const size of [1, 7, 64]) expect(await entriesOf(bytes, size)).toEqual(whole)
  })

  it('has the same ids when it has grown', async () => {
    const bytes = await fixture(name)
    const whole = said(await entriesOf(bytes)).map(({ id, conversation }) => `${conversation} ${id}`)
    const before = said(await entriesOf(earlier(name, bytes)))
    expect(before.length).toBeGreaterThan(1)
    for (const { id, conversation } of before) expect(whole).toContain(`${conversation} ${id}`)
  })
})

describe('SillyTavern', () => {
  const header = { user_name: 'Ada', character_name: 'Mira', create_date: '2024-1-3 @16h 14m 02s 123ms' }
  const message = { name: 'Mira', is_user: false, send_date: 'January 3, 2024 4:15pm', mes: 'A left one?' }

  it('another swipe or other words later do not make it another message', async () => {
    const [before] = said(await entriesOf(lines(header, message)))
    const swiped = {
      ...message,
      send_date: 'January 3, 2024 4:30pm',
      mes: 'A right one.',
      swipe_id: 1,
      swipes: ['A left one?', 'A right one.'],
      swipe_info: [{ send_date: 'January 3, 2024 4:15pm' }, { send_date: 'January 3, 2024 4:30pm' }],
    }
    const [after] = said(await entriesOf(lines({ ...header, chat_metadata: { note: 'changed' } }, swiped)))
    expect(after).toMatchObject({ id: before?.id, conversation: before?.conversation, text: 'A right one.' })
  })

  it('a branch of a chat is another conversation', async () => {
    const [main] = said(await entriesOf(lines(header, message)))
    const [branch] = said(
      await entriesOf(lines({ ...header, chat_metadata: { main_chat: 'Mira - 2024' } }, message)),
    )
    expect(branch?.conversation).not.toBe(main?.conversation)
  })

  it('is read without a first line, too', async () => {
    expect(inShort(await entriesOf(lines(message)))).toEqual(['0 Mira 2024-01-03T16:15:00.000Z: A left one?'])
  })

  it('a line that is too long is passed over, and told', async () => {
    const huge = { ...message, extra: { image: 'x'.repeat(9 << 20) } }
    const entries = await entriesOf(lines(header, huge, message), 1 << 20)
    expect(inShort(entries)).toEqual(['- too-long 2', '0 Mira 2024-01-03T16:15:00.000Z: A left one?'])
  })
})

describe('Element as plain text', () => {
  it.each([
    ['1/3/2024, 4:15:02 PM - Ada: hm', '2024-01-03T16:15:02.000Z'],
    ['01/03/2024, 16:15:02 - Ada: hm', '2024-03-01T16:15:02.000Z'],
    ['1/3/2024, 4:15:02 pm - Ada: hm', '2024-03-01T16:15:02.000Z'],
    ['3.1.2024, 16:15:02 - Ada: hm', '2024-01-03T16:15:02.000Z'],
    ['2024-01-03, 16:15:02 - Ada: hm', '2024-01-03T16:15:02.000Z'],
    ['2024/1/3 16:15:02 - Ada: hm', '2024-01-03T16:15:02.000Z'],
  ])('%s', async (line, at) => {
    expect(inShort(await entriesOf(Buffer.from(line)))).toEqual([`0 Ada ${at}: hm`])
  })

  it('may have been written on Windows', async () => {
    const bytes = Buffer.from(
      '1/3/2024, 4:15:02 PM - Ada: one\r\ntwo\r\n1/3/2024, 4:16:02 PM - Mira: three\r\n',
    )
    expect(said(await entriesOf(bytes)).map(({ text }) => text)).toEqual(['one\ntwo', 'three'])
  })

  it('knows in its second reading what only the end of the file shows', async () => {
    const bytes = Buffer.from('1/3/2024, 16:15:02 - Ada: hm\n1/14/2024, 16:15:02 - Ada: hm\n')
    const format = createElementText()
    await entriesOf(bytes, 1 << 16, format)
    expect(inShort(await entriesOf(bytes, 1 << 16, format))[0]).toContain('2024-01-03')
  })
})

it('an answer of ChatGPT that was broken off is left out', async () => {
  const answer = { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['I th'] } }
  const mapping = { a: { id: 'a', parent: null, message: { ...answer, id: 'a', weight: 0 } } }
  const bytes = Buffer.from(JSON.stringify([{ id: 'c', current_node: 'a', mapping }]))
  expect(inShort(await entriesOf(bytes))).toEqual(['- hidden 1'])
})

describe('what a file is', () => {
  it('its beginning says, whatever else is in it', () => {
    const bytes = Buffer.from(
      JSON.stringify({ room_name: 'Kitchen', messages: [{ content: { guild: {} } }] }),
    )
    expect(detectFormat(bytes).name).toContain('Element')
  })

  it('stands in it, not in what somebody says in it', async () => {
    const words = '{"mapping": {}, "guild": {"is_user": true}} "Contents": '
    const [entry] = said(
      await entriesOf(
        Buffer.from(
          JSON.stringify({
            room_name: words,
            messages: [
              { type: 'm.room.message', event_id: '$1', sender: '@ada:home', content: { body: words } },
            ],
          }),
        ),
      ),
    )
    expect(entry).toMatchObject({ text: words })
  })

  it.each([
    ['nothing', '', 'import-unknown-format'],
    ['prose', 'Dear diary,\n', 'import-unknown-format'],
    ['other JSON', '{"a": 1}', 'import-unknown-format'],
    ['an empty list', '[]', 'import-unknown-format'],
    ['UTF-16', '\ufeff{"user_name": "Ada"}', 'import-not-utf8', 'utf16le'],
    ['Latin-1', '{"user_name": "Zoë"}', 'import-not-utf8', 'latin1'],
  ] as const)('%s is refused', (_, text, code, encoding?: BufferEncoding) => {
    const bytes = Buffer.from(text, encoding)
    expect(() => detectFormat(bytes)).toThrow(expect.objectContaining({ code }))
  })
})
