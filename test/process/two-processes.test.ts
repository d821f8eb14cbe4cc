import { copyFile, mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { migrationsFolder } from '../../src/store/migrate.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { postgresDatabase } from '../support/databases.ts'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import type { Script } from '../support/ollama-script.ts'
import { startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const script: Script = ({ messages }) =>
  `I heard ${/line \w+-\d/.exec(messages?.findLast(({ role }) => role === 'user')?.content ?? '')}`

const numbers = [1, 2, 3, 4, 5]
const linesOfPerson = (person: string) => numbers.map((number) => `line ${person}-${number}\n`).join('')
const answersTo = (person: string) => numbers.map((number) => `I heard line ${person}-${number}`)

it('two that start at once on an empty Postgres migrate it once, and both answer', async () => {
  await using ollama = await startOllamaServer({ script })
  await using database = await postgresDatabase()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  const personas = ['mira', 'ottoline']
  const ended = await Promise.all(
    personas.map((persona) => home.run(['chat', persona], { input: linesOfPerson(persona) })),
  )
  for (const [index, persona] of personas.entries()) {
    expect(ended[index]?.code, ended[index]?.stderr).toBe(0)
    expect(linesOf(ended[index]?.stdout ?? '')).toEqual(answersTo(persona))
  }
  expect((await readdir(path.join(home.data, 'console'))).toSorted()).toEqual([
    'mira.shown',
    'ottoline.shown',
    'person',
  ])
  // Nobody heard of what was said to the other one.
  for (const { body } of ollama.chats()) {
    expect(new Set(JSON.stringify(body.messages).match(/line \w+-/g)).size).toBe(1)
  }
  await using open = await database.open()
  const dump = await dumpDatabase(open, 'ours')
  const migrations = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql'))
  expect(dump.get('public.hearth_migrations')).toHaveLength(migrations.length)
  expect(dump.get('keyring.master_keys')).toHaveLength(1)
  expect(dump.get('public.messages')).toHaveLength(20)
})

it('of two that start at once with the same persona one has it, and the other one is told', async () => {
  await using ollama = await startOllamaServer({ script })
  await using database = await postgresDatabase()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  const both = [home.start(['run']), home.start(['run'])]
  const refused = await Promise.race(both.map(({ ended }) => ended))
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain('Mira is already talking with you in another terminal')
  const other = both.find(({ stderr }) => !stderr.includes('already talking'))
  other?.say(linesOfPerson('mira').trimEnd())
  other?.finish()
  const ended = await other?.ended
  expect(ended).toMatchObject({ code: 0 })
  expect(linesOf(ended?.stdout ?? '')).toEqual(answersTo('mira'))
})

it('says so when the place at the terminal was lost, and another one has it', async () => {
  await using ollama = await startOllamaServer({ script })
  await using database = await postgresDatabase()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  await using hearth = home.start(['run'])
  await hearth.until(() => hearth.stderr.includes('is an AI'))
  await using open = await database.open()
  const person = (await readFile(path.join(home.data, 'console', 'person'), 'utf8')).trim()
  await open.script(({ query }) =>
    query(
      "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'hearth lock' and datname = current_database()",
      [],
    ),
  )
  await using _other = await open.lock(`terminal console-${person} mira`)
  expect(_other).toBeDefined()
  await hearth.until(() => hearth.stderr.includes('If Mira talks in another terminal of yours'))
  hearth.say('line mira-1')
  hearth.finish()
  expect(await hearth.ended).toMatchObject({ code: 0, stdout: 'I heard line mira-1\n' })
})

it('two people on two machines with one Postgres have a conversation each with the same persona', async () => {
  await using ollama = await startOllamaServer({ script })
  await using database = await postgresDatabase()
  const environment = { ...database.environment, OLLAMA_HOST: ollama.url }
  await using hers = await makeHome(environment)
  await using other = await mkdtempDisposable(path.join(tmpdir(), 'hearth-data-'))
  await using his = await makeHome({ ...environment, HEARTH_DATA: other.path })
  const ada = hers.start(['run'])
  ada.say('line ada-1')
  await ada.until(() => linesOf(ada.stdout).length === 1)
  await copyFile(path.join(hers.data, 'master.key'), path.join(other.path, 'master.key'))
  const bob = his.start(['run'], { input: linesOfPerson('bob') })
  ada.say('line ada-2')
  ada.finish()
  expect(await bob.ended).toMatchObject({ code: 0, stdout: answersTo('bob').join('\n').concat('\n') })
  expect(await ada.ended).toMatchObject({ code: 0, stdout: 'I heard line ada-1\nI heard line ada-2\n' })
  // Neither reads what the other one said.
  for (const { body } of ollama.chats()) {
    expect(new Set(JSON.stringify(body.messages).match(/line \w+-/g)).size).toBe(1)
  }
  const again = await his.run(['run'], { input: 'line bob-6' })
  expect(again).toMatchObject({ code: 0 })
  expect(JSON.stringify(ollama.chats().at(-1)?.body.messages)).toContain('line bob-5')
})

it('what was said to one persona is not answered by another, but when that one is back', async () => {
  await using ollama = await startOllamaServer({
    script: () => ({ pieces: ['Wait', ' for it'], paceMs: 60_000 }),
  })
  await using database = await postgresDatabase()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  await home.configure('turns:\n  leaseMs: 2000\n')
  {
    await using killed = home.start(['chat', 'mira'])
    killed.say('line mira-1')
    await expect.poll(() => ollama.chats().length, { timeout: 30_000 }).toBe(1)
  }
  ollama.script = script
  // As long as the lease of the one that was killed.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(await home.run(['chat', 'pascoe'], { input: 'line pascoe-1' })).toMatchObject({
    code: 0,
    stdout: 'I heard line pascoe-1\n',
  })
  expect(await home.run(['chat', 'mira'])).toMatchObject({ code: 0, stdout: 'I heard line mira-1\n' })
})
