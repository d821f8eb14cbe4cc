import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileMarks } from '../../../src/persona/file-marks.ts'
import { readPersonas } from '../../../src/persona/read.ts'

const { signal } = new AbortController()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-shared-'))
  for (const id of ['mira', 'wren']) {
    await mkdir(join(folder, id, 'lore'), { recursive: true })
    await writeFile(join(folder, id, 'persona.yaml'), `name: ${id}\ndescription: d\n`)
  }
  await mkdir(join(folder, '_lore'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = (name: string, text: string) => writeFile(join(folder, name), text)
const aBook = JSON.stringify({ entries: [{ keys: ['k'], content: 'c' }] })

it('books beside the personas are for all of them, behind their own', async () => {
  await put('_lore/town.json', aBook)
  await put('wren/lore/town.json', aBook)
  const { personas, problems } = await readPersonas(folder, signal)
  expect(problems).toEqual([])
  const ids = personas.map(({ id, lore = [] }) => [id, ...lore.map((book) => book.id)])
  expect(ids).toEqual([
    ['mira', 'shared/town'],
    ['wren', 'town', 'shared/town'],
  ])
})

it('what always stands and is too much for the budget is told, and no mistake', async () => {
  const long = { constant: true, content: 'word '.repeat(500), keys: [] }
  await put('_lore/town.json', JSON.stringify({ entries: Array(4).fill(long) }))
  expect((await readPersonas(folder, signal)).notes.map(({ message }) => message)).toEqual(
    Array(2).fill(expect.stringContaining('takes about 2500 tokens, and may take 2048')),
  )
})

it('what is wrong with one of them is told once, and a change of it is noticed', async () => {
  const before = await fileMarks(join(folder, 'wren'))
  await put('_lore/town.json', 'no book')
  expect(await fileMarks(join(folder, 'wren'))).not.toBe(before)
  const { personas, problems } = await readPersonas(folder, signal)
  expect(personas).toEqual([])
  expect(problems.map(({ file }) => file)).toEqual([expect.stringMatching(/_lore\/town\.json$/)])
})
