import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addPersonaCommand } from '../../src/commands/persona.ts'
import { HearthError } from '../../src/core/errors.ts'
import { activate } from '../../src/persona/lore/activate.ts'
import { readPersonas } from '../../src/persona/read.ts'
import { input } from './lore/support.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-personas-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** What `hearth persona …` prints, and how it fails; `~` for the folder of the test. */
async function run(...words: readonly string[]) {
  let printed = ''
  const program = new Command().exitOverride()
  addPersonaCommand(program, {
    personasFolder: async () => folder,
    write: (text) => {
      printed += text
    },
    signal: new AbortController().signal,
  })
  const failure: unknown = await program.parseAsync(['persona', ...words], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure !== undefined && !(failure instanceof HearthError)) throw failure
  return {
    printed: printed.replaceAll(folder, '~'),
    failure: failure && `${failure.code}: ${failure.message} ${failure.mend}`.replaceAll(folder, '~'),
  }
}

async function put(id: string, source: string): Promise<void> {
  await mkdir(join(folder, id))
  await writeFile(join(folder, id, 'persona.yaml'), source)
}

const mira = 'name: Mira\ndescription: You are Mira.\ngreetings: [Hello.]\nmodel: { seed: 7 }\n'

test('check prints what each persona takes of a prompt', async () => {
  await put('mira', mira)
  expect(await run('check')).toEqual({
    printed: 'ok    mira: Mira, 16 characters, about 4 tokens of each prompt\n',
    failure: undefined,
  })
})

test('check names every problem, and fails', async () => {
  await put('bad', 'name: B\n')
  await put('mira', mira)
  const { printed, failure } = await run('check')
  expect(printed).toBe(
    'ok    mira: Mira, 16 characters, about 4 tokens of each prompt\n' +
      'wrong ~/bad/persona.yaml:1: description is missing\n' +
      '      Write it: `description: >`, and below it who the persona is.\n',
  )
  expect(failure).toBe(
    'persona-invalid: The personas have 1 problem. Mend it as said above, then run: npx hearth persona check',
  )
})

test('list prints ids and names', async () => {
  await put('mira', mira)
  await put('old-pascoe', 'name: Pascoe\ndescription: d\n')
  expect(await run('list')).toEqual({ printed: 'mira        Mira\nold-pascoe  Pascoe\n', failure: undefined })
})

test('show prints the texts and settings of one persona', async () => {
  await put('mira', mira)
  expect((await run('show', 'mira')).printed).toBe(
    'Mira, 16 characters, about 4 tokens of each prompt, version d70c93b79473\n\n' +
      'description\n  You are Mira.\n\ngreeting 1\n  Hello.\n\n' +
      'settings\n  seed: 7\n  contextTokens: 8192\n  replyTokens: 300\n',
  )
})

test('show of a broken persona prints its own problems alone', async () => {
  await put('bad', 'name: B\n')
  await put('worse', '')
  const { printed, failure } = await run('show', 'bad')
  expect(printed).toMatch(/^wrong ~\/bad\/persona\.yaml:1: description is missing\n.*\n$/)
  expect(failure).toMatch(/^persona-invalid: The personas have 1 problem\./)
})

test.each([
  ['mirra', 'persona-unknown: There is no persona called "mirra". Did you mean mira?'],
  ['MIRA', 'persona-unknown: There is no persona called "MIRA". Did you mean mira?'],
  ['zebra', 'persona-unknown: There is no persona called "zebra". There are: mira.'],
  ['\u001b[2Jx', 'persona-unknown: There is no persona called "[2Jx". There are: mira.'],
])('show %j fails with the nearest name', async (name, sentence) => {
  await put('mira', mira)
  expect(await run('show', name)).toEqual({ printed: '', failure: sentence })
})

test.each(['mira', 'old-pascoe', '1984', 'a'.repeat(63)])(
  'new %s writes a persona that passes the check',
  async (id) => {
    const { printed, failure } = await run('new', id)
    expect(failure).toBeUndefined()
    expect(printed).toBe(
      `~/${id}/persona.yaml and ~/${id}/lore/garden.json are written. Change their texts, then run: npx hearth persona check\n`,
    )
    const checked = await run('check')
    expect(checked.failure).toBeUndefined()
    expect(checked.printed).toMatch(new RegExp(`^ok    ${id}: `))
    expect(await readFile(join(folder, id, 'persona.yaml'), 'utf8')).not.toContain('NAME')
  },
)

test('new writes a template with examples, manners, and lore of each kind', async () => {
  await run('new', 'mira')
  const { personas, notes } = await readPersonas(folder, new AbortController().signal)
  const [persona] = personas
  const entries = persona?.lore?.flatMap((book) => book.entries) ?? []
  expect(notes).toEqual([])
  expect(persona?.examples.length).toBeGreaterThan(1)
  expect(Object.keys(persona?.manners ?? {})).toEqual(['settleMs', 'talkativeness', 'unprompted'])
  const brought = (...said: readonly string[]) =>
    activate(input(persona?.lore ?? [], said)).entries.map(({ name }) => name)
  expect(brought('Hello!')).toEqual(['Whose garden'])
  expect(brought('My compost smells.')).toContain('Compost')
  expect(brought('The tomatoes are in.')).toEqual(['Whose garden'])
  expect(brought('Will there be frost? The tomatoes are in.')).toContain('Frost on what is tender')
  expect(entries.filter(({ sticky }) => sticky > 0)).toHaveLength(1)
})

test('new leaves nothing behind where a part of it is there already', async () => {
  await mkdir(join(folder, 'mira', 'lore'), { recursive: true })
  await writeFile(join(folder, 'mira', 'lore', 'garden.json'), '{}')
  expect((await run('new', 'mira')).failure).toMatch(/^persona-exists: ~\/mira\/lore\/garden\.json is there/)
  expect(await readdir(join(folder, 'mira'))).toEqual(['lore'])
})

test('new makes the folder of personas too', async () => {
  await rm(folder, { recursive: true })
  expect((await run('new', 'mira')).failure).toBeUndefined()
})

test('new never writes over a persona', async () => {
  await put('mira', mira)
  expect(await run('new', 'mira')).toEqual({
    printed: '',
    failure:
      'persona-exists: ~/mira/persona.yaml is there already. Choose another name, or change the file itself.',
  })
  expect(await readFile(join(folder, 'mira', 'persona.yaml'), 'utf8')).toBe(mira)
})

test('new where nothing can be written says so', async () => {
  await writeFile(join(folder, 'mira'), 'a file in the way')
  expect((await run('new', 'mira')).failure).toMatch(
    /^persona-unwritable: ~\/mira\/persona\.yaml cannot be written \(EEXIST\)\. Look at /,
  )
})

test.each([
  ['Old Pascoe', 'Run: npx hearth persona new old-pascoe'],
  ['../../etc', 'Run: npx hearth persona new etc'],
  ['/tmp/mira', 'Run: npx hearth persona new tmp-mira'],
  ['..', 'Run: npx hearth persona new <name>'],
  ['', 'Run: npx hearth persona new <name>'],
  ['a'.repeat(64), `Run: npx hearth persona new ${'a'.repeat(63)}`],
])('new %j is refused, and nothing is written', async (name, mend) => {
  const { failure } = await run('new', name)
  expect(failure).toMatch(/^persona-name: .* cannot be the name of a persona's folder: /)
  expect(failure?.endsWith(mend)).toBe(true)
  expect(await readdir(folder)).toEqual([])
})
