import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { type HearthHome, makeHome } from '../support/hearth-process.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

vi.setConfig({ testTimeout: 120_000 })
let ollama: OllamaServer
let database: TestDatabase
let home: HearthHome
beforeAll(async () => {
  ollama = await startOllamaServer()
  database = await postgresDatabase()
  home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
})
afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await ollama[Symbol.asyncDispose]()
})

it('run lets the persona of hearth.yaml speak, and chat the one that is named', async () => {
  await home.configure('persona: ottoline\n')
  expect((await home.run(['run'])).stderr).toMatch(/^Ottoline speaks through hearth-test:latest, at http/)
  expect((await home.run(['chat'])).stderr).toMatch(/^Ottoline speaks/)
  expect((await home.run(['chat', 'pascoe'])).stderr).toMatch(/^Pascoe speaks/)
})

it('takes the configuration that --config or HEARTH_CONFIG names, and its folder with it', async () => {
  const other = path.join(home.folder, 'other')
  await mkdir(other)
  await writeFile(path.join(other, 'mine.yaml'), 'personas: ../personas\npersona: pascoe\n')
  for (const [args, environment] of [
    [['--config', 'other/mine.yaml', 'run'], {}],
    [['run'], { HEARTH_CONFIG: 'other/mine.yaml' }],
  ] as const) {
    expect((await home.run(args, { environment })).stderr).toMatch(/^Pascoe speaks/)
  }
})

it('refuses what cannot be the name of a persona', async () => {
  const ended = await home.run(['chat', '../Mira!\u001b[2J'])
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('hearth persona list')
  expect(ended.stderr).not.toMatch(/[^\n\P{Cc}]/u)
})

it('leaves standard output to the replies', async () => {
  await home.configure('')
  await using hearth = home.start(['run'])
  for (const line of ['/help', '/dance', 'Hello.', '/retry', '/quit', 'Never read.']) hearth.say(line)
  hearth.finish()
  expect(await hearth.ended).toMatchObject({ code: 0, stdout: 'Hello there.\nHello there.\n' })
  expect(hearth.stderr).toContain('/retry')
  expect(hearth.stderr).toContain('There is no /dance.')
  expect(ollama.chats()).toHaveLength(2)
})
