import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openExport } from '../../src/import/export.ts'
import { importFile } from '../../src/import/import-file.ts'
import type { Chosen } from '../../src/import/select.ts'
import { openSource } from '../../src/import/source.ts'
import { fixture } from './support.ts'

const hints = { person: 'keyboard', personNames: [], persona: ['mira', 'Mira'], personaNames: [] }
const progress = { show: () => undefined, clear: () => undefined }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-import-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function importBytes(bytes: Uint8Array | string, known = 0, signal = new AbortController().signal) {
  const file = path.join(folder, 'file')
  await writeFile(file, bytes)
  const batches: (readonly Chosen[])[] = []
  let written = ''
  const write = (text: string) => {
    written += text
  }
  const add = async (conversation: string, messages: readonly Chosen[]) => {
    expect(messages.every((message) => message.conversation === conversation)).toBe(true)
    batches.push(messages)
    return Math.max(0, messages.length - known)
  }
  await using source = await openExport(file, hints, new AbortController().signal)
  await importFile(source, { persona: 'Mira', progress, write, add }, signal)
  return { batches, written }
}

const chat = (count: number, text = 'hm') =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({ name: 'Ada', is_user: true, send_date: 1_700_000_000_000 + index, mes: text }),
  ).join('\n')

it('each conversation of a file goes its own way, and what came of them is told', async () => {
  const { batches, written } = await importBytes(await fixture('chatgpt.json'), 1)
  expect(batches.map((batch) => batch.map(({ text }) => text.split('\n')[0]))).toEqual([
    ['What floats?', 'Corks. ', '[an image]', 'A boat, by the look of it.', 'I said this aloud.'],
    ['Round and round.'],
    ['Still here?', 'Still here.'],
  ])
  expect(written).toContain('5 messages of the person and 3 of Mira, in 3 conversations.')
  expect(written).toContain('5 are new, 3 were here before.')
})

it('a batch has a bounded number of messages, and of characters', async () => {
  const sizesOf = async (text: string) => (await importBytes(text)).batches.map(({ length }) => length)
  expect(await sizesOf(chat(501))).toEqual([250, 250, 1])
  expect(await sizesOf(chat(12, 'x'.repeat(190_000)))).toEqual([5, 5, 2])
})

it('stops between two batches', async () => {
  const stopping = new AbortController()
  stopping.abort()
  await expect(importBytes(chat(3), 0, stopping.signal)).rejects.toMatchObject({ name: 'AbortError' })
})

it('a file in which nothing can be read is refused, with where', async () => {
  await expect(importBytes('{"is_user": tru\n{"is_user": 1}\n')).rejects.toMatchObject({
    code: 'import-empty',
    message: expect.stringContaining('in line 1 (byte 0), in line 2 (byte 16)'),
  })
})

it.each([['missing'], ['.']])('%s is no file that can be read', async (name) => {
  await expect(openSource(path.join(folder, name))).rejects.toMatchObject({ code: 'import-unreadable' })
})
