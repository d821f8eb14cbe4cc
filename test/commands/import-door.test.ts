import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findDoor } from '../../src/commands/import-door.ts'
import { personaId } from '../../src/core/ids.ts'
import { readConfig } from '../../src/ops/config.ts'

const token = (id: string) => `${Buffer.from(id).toString('base64url')}.x.y`
const mira = personaId('mira')

let folder: string
let config: Awaited<ReturnType<typeof readConfig>>
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-door-'))
  await writeFile(
    path.join(folder, 'hearth.yaml'),
    `matrix:
  homeserver: https://home
  accounts:
    - { user: mira, persona: mira }
    - { user: mira-too, persona: mira }
    - { user: pascoe, persona: pascoe }
discord:
  accounts:
    - { token: ${token('300000000000000001')}, persona: pascoe, guests: [mira] }
`,
  )
  config = await readConfig({ cwd: folder, environment: {} }, new AbortController().signal)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it.each([
  ['@ada:home', 'mira-too', 'matrix', 'matrix-mira-too'],
  ['@ada:home', 'matrix-mira', 'matrix', 'matrix-mira'],
  ['200000000000000001', undefined, 'discord', 'discord-300000000000000001-mira'],
  ['keyboard', undefined, 'console', 'console'],
  [
    '0f8fad5b-d9cb-469f-a165-70867728950e',
    undefined,
    'console',
    'console-0f8fad5b-d9cb-469f-a165-70867728950e',
  ],
])('%s, by %s, comes in on %s through %s', async (person, named, platform, account) => {
  expect(await findDoor(config, mira, person, named)).toMatchObject({ platform, account })
})

it.each([
  ['there are several', 'mira', '@ada:home', undefined, 'import-account', 'matrix-mira, matrix-mira-too'],
  [
    'there is none of that name',
    'mira',
    '@ada:home',
    'pascoe',
    'import-account',
    'matrix-mira, matrix-mira-too',
  ],
  [
    'nobody speaks for the persona there',
    'ottoline',
    '@ada:home',
    undefined,
    'import-account',
    'hearth.yaml',
  ],
  ['it is no id', 'mira', 'Ada Lovelace!', undefined, 'import-person', '@ada:home'],
])('asks where %s', async (_, persona, person, account, code, mend) => {
  await expect(findDoor(config, personaId(persona), person, account)).rejects.toMatchObject({
    code,
    mend: expect.stringContaining(mend),
  })
})
