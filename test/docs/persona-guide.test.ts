import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addPersonaCommand } from '../../src/commands/persona.ts'
import { readDriftPrompts } from '../../src/persona/drift-prompts.ts'
import { readPersonas } from '../../src/persona/read.ts'

/** Whoever follows the guide gets what it shows: its files are read, and its commands are run. */
const guide = await readFile(path.join(import.meta.dirname, '../../docs/writing-a-persona.md'), 'utf8')
const files = new Map(
  [...guide.matchAll(/^`personas\/(tove\/[\w./-]+)`.*\n\n```\w+\n([\s\S]*?)```/gm)].map(
    ([, file = '', text = '']) => [file, text],
  ),
)
const sessions = [...guide.matchAll(/^```console\n([\s\S]*?)```/gm)].flatMap(([, text = '']) =>
  [...text.matchAll(/^\$ npx hearth persona (.+)\n((?:(?!\$ ).*\n)*)/gm)].map(
    ([, words = '', output = '']) => [words, output] as const,
  ),
)
const { signal } = new AbortController()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-guide-'))
  for (const [file, text] of files) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
    await writeFile(path.join(folder, file), text)
  }
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

it('shows every file of its persona, in the tree and whole', () => {
  const [, tree = ''] = /```\npersonas\/tove\/\n([\s\S]*?)```/.exec(guide) ?? []
  const names = [...tree.matchAll(/\S+\.(?:yaml|json)$/gm)].map(([name]) => name)
  expect([...files.keys()].map((file) => path.basename(file))).toEqual(names)
  expect(names.length).toBe(3)
})

it('shows a persona that is read without a complaint, with everything that the guide explains', async () => {
  const { personas, problems, notes } = await readPersonas(folder, signal)
  expect([problems, notes]).toEqual([[], []])
  const [tove] = personas
  expect(tove?.manners).toEqual({
    settleMs: 1_500,
    talkativeness: 0.2,
    typing: 'human',
    quietHours: '00:30-06:30',
    unprompted: ['reminders', 'follow-ups'],
  })
  const entries = tove?.lore?.flatMap((book) => book.entries) ?? []
  expect(entries.filter(({ constant }) => constant)).toHaveLength(2)
  expect(entries.filter(({ place }) => place.at === 'depth')).toHaveLength(1)
  expect(entries.filter(({ secondKeys }) => secondKeys.length > 0)).toHaveLength(1)
  expect(entries.filter(({ sticky }) => sticky > 0)).toHaveLength(1)
})

it('shows things to say of its own for drift', async () => {
  const reading = await readDriftPrompts(path.join(folder, 'tove'), signal)
  expect(reading.ok && reading.prompts.map(({ says }) => says.length)).toEqual([1, 1, 2, 1])
})

it.each(sessions)('shows what is printed by: persona %s', async (words, output) => {
  let printed = ''
  const write = (text: string) => {
    printed += text
  }
  const program = new Command().exitOverride()
  addPersonaCommand(program, { personasFolder: async () => folder, write, signal })
  await program.parseAsync(['persona', ...words.split(' ')], { from: 'user' })
  expect(printed).toBe(output)
})

it('shows what three commands print', () => {
  expect(sessions).toHaveLength(3)
})
