import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { problemText } from '../../src/persona/problem.ts'
import { readPersona, readPersonas } from '../../src/persona/read.ts'

const good = 'name: Mira\ndescription: You are Mira.\n'
const signal = new AbortController().signal
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-personas-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), content)
}

/** The problems, with `~` for the folder of the test. */
async function complaints(): Promise<readonly string[]> {
  const { problems } = await readPersonas(folder, signal)
  return problems.map((each) => `${problemText(each)} | ${each.mend}`.replaceAll(folder, '~'))
}

test('every folder is a persona, in the order of the names, and files beside them are left alone', async () => {
  await put('pascoe/persona.yaml', good)
  await put('mira/persona.yaml', good)
  await put('mira/notes.md', 'nothing')
  await put('README.md', 'the format')
  await put('.git/config', 'x')
  const { personas, problems } = await readPersonas(folder, signal)
  expect(problems).toEqual([])
  expect(personas.map(({ id }) => id)).toEqual(['mira', 'pascoe'])
})

test('good personas are read beside bad ones, and the problems of all files come together', async () => {
  await put('mira/persona.yaml', good)
  await put('a/persona.yaml', 'name: A\n')
  await put('b/persona.yaml', 'description: B\n')
  const { personas } = await readPersonas(folder, signal)
  expect(personas.map(({ id }) => id)).toEqual(['mira'])
  expect(await complaints()).toEqual([
    '~/a/persona.yaml:1: description is missing | Write it: `description: >`, and below it who the persona is.',
    '~/b/persona.yaml:1: name is missing | Write it: `name: Mira`.',
  ])
})

test('a picture beside the texts is read by its first bytes', async () => {
  const jpeg = Buffer.from('\xff\xd8\xff a picture', 'latin1')
  await put('mira/persona.yaml', good)
  await put('mira/avatar.png', jpeg)
  await put('pascoe/persona.yaml', good)
  await put('pascoe/avatar.jpg', '<svg/>')
  await put('ottoline/persona.yaml', good)
  await put('ottoline/avatar.webp', Buffer.alloc(3 * 1024 * 1024))
  const { personas } = await readPersonas(folder, signal)
  expect(personas.map(({ avatar }) => [avatar?.mediaType, avatar?.bytes.length])).toEqual([
    ['image/jpeg', jpeg.length],
  ])
  expect(await complaints()).toEqual([
    '~/ottoline/avatar.webp: the file has 3,145,728 bytes, and 2,097,152 is the most | Make the picture smaller.',
    '~/pascoe/avatar.jpg: this is no PNG, JPEG, WebP or GIF | Put a picture in its place, or take it away.',
  ])
})

test('a folder that is not there is named', async () => {
  const { problems } = await readPersonas(join(folder, 'none'), signal)
  expect(problems.map(problemText)).toEqual([`${folder}/none: there is no such file or folder`])
})

test('a file in place of the folder is named', async () => {
  await put('personas', good)
  const { problems } = await readPersonas(join(folder, 'personas'), signal)
  expect(problems.map(problemText)).toEqual([`${folder}/personas: this is not a folder of personas`])
})

test('an empty folder of personas is a problem', async () => {
  expect(await complaints()).toEqual([
    '~: there is no persona in this folder | Run: npx hearth persona new <name>, or correct `personas` in hearth.yaml.',
  ])
})

test('a folder without persona.yaml is a problem that says how to begin', async () => {
  await mkdir(join(folder, 'mira'))
  expect(await complaints()).toEqual([
    '~/mira: there is no persona.yaml in this folder | Run: npx hearth persona new mira, or remove the folder.',
  ])
})

test('a persona.yml is recognised for what it was meant to be', async () => {
  await put('mira/persona.yml', good)
  expect(await complaints()).toEqual([
    '~/mira: there is no persona.yaml in this folder | Rename persona.yml to persona.yaml.',
  ])
})

test('a persona file without a folder of its own is told where to go', async () => {
  await put('mira.yaml', good)
  expect(await complaints()).toEqual([
    '~/mira.yaml: each persona has a folder of its own | Move it to ~/mira/persona.yaml.',
  ])
})

test('a folder with a name that cannot be an id is a problem beside those of its file', async () => {
  await put('Élan Vital/persona.yaml', 'name: E\n')
  const rule = 'the folder of a persona is named with small letters a to z, digits, - and _, at most 63'
  expect(await complaints()).toEqual([
    `~/Élan Vital: ${rule} | Rename it to elan-vital.`,
    '~/Élan Vital/persona.yaml:1: description is missing | Write it: `description: >`, and below it who the persona is.',
  ])
})

test('a folder name with an escape in it reaches no terminal', async () => {
  await put('a\u001b[31mb/persona.yaml', good)
  expect((await complaints())[0]).toMatch(/^~\/a\[31mb: the folder of a persona/)
})

test('a file of 10 MB is refused by its size', async () => {
  await put('mira/persona.yaml', new Uint8Array(10_000_000).fill(0x61))
  expect(await complaints()).toEqual([
    '~/mira/persona.yaml: the file has 10,000,000 bytes, and 65,536 is the most | Shorten the texts.',
  ])
})

test('the largest file that is allowed is read', async () => {
  const comment = '#'.repeat(65_536 - good.length)
  await put('mira/persona.yaml', good + comment)
  expect(await complaints()).toEqual([])
  await put('mira/persona.yaml', `${good}#${comment}`)
  expect(await complaints()).toHaveLength(1)
})

test('a file that is not UTF-8 is named with its first bad line', async () => {
  await put(
    'mira/persona.yaml',
    Buffer.concat([Buffer.from('name: é\ndescription: '), Buffer.from([0xe9, 0x0a])]),
  )
  expect(await complaints()).toEqual([
    '~/mira/persona.yaml:2: this is not UTF-8 text | Save the file as UTF-8.',
  ])
})

test('a file with NUL bytes is named with the line', async () => {
  await put('mira/persona.yaml', `${good}# \u0000\n`)
  expect(await complaints()).toEqual([
    '~/mira/persona.yaml:3: a control character (U+0000) stands here | Take it out; a text editor may show it as a box or not at all.',
  ])
})

test('links are followed, and links that go in circles or nowhere are named', async () => {
  await put('mira/persona.yaml', good)
  await symlink(join(folder, 'mira'), join(folder, 'mirror'))
  await symlink(join(folder, 'loop'), join(folder, 'loop'))
  await mkdir(join(folder, 'ring'))
  await symlink('persona.yaml', join(folder, 'ring', 'persona.yaml'))
  await symlink('nowhere', join(folder, 'lost'))
  const { personas } = await readPersonas(folder, signal)
  expect(personas.map(({ id }) => id)).toEqual(['mira', 'mirror'])
  const mend = 'Put the file itself in its place.'
  expect(await complaints()).toEqual([
    `~/loop/persona.yaml: the link leads nowhere | ${mend}`,
    '~/lost: there is no persona.yaml in this folder | Run: npx hearth persona new lost, or remove the folder.',
    `~/ring/persona.yaml: the link leads nowhere | ${mend}`,
  ])
})

test('a folder, or a pipe that nobody writes to, in place of the file is refused at once', async () => {
  await mkdir(join(folder, 'mira', 'persona.yaml'), { recursive: true })
  await mkdir(join(folder, 'pipe'))
  const pipes = process.platform !== 'win32'
  if (pipes)
    expect(spawnSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe', 'persona.yaml')]).status).toBe(0)
  const found = await complaints()
  expect(found[0]).toBe('~/mira/persona.yaml: this is no regular file | Put a regular file in its place.')
  if (pipes)
    expect(found[1]).toBe('~/pipe/persona.yaml: this is no regular file | Put a regular file in its place.')
})

test.skipIf(process.getuid?.() === 0)('a file that may not be read is named', async () => {
  await put('mira/persona.yaml', good)
  await chmod(join(folder, 'mira', 'persona.yaml'), 0)
  expect(await complaints()).toEqual([
    '~/mira/persona.yaml: reading it is not allowed | Give the user that runs Hearth the right to read it.',
  ])
})

test('one persona can be read alone', async () => {
  await put('mira/persona.yaml', good)
  await put('bad/persona.yaml', '')
  const reading = await readPersona(join(folder, 'mira'), signal)
  expect(reading.ok && reading.persona.id).toBe('mira')
})

test('reading stops when it is called off', async () => {
  await put('mira/persona.yaml', good)
  await expect(readPersonas(folder, AbortSignal.abort())).rejects.toThrow('aborted')
})
