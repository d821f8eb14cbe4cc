import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { databases } from '../support/databases.ts'
import { makeHome } from '../support/hearth-process.ts'
import { startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

it('a persona that is edited while it is spoken to answers as it is now, and the log says what has changed', async () => {
  await using ollama = await startOllamaServer({ script: () => 'Yes.' })
  await using database = await databases[0].make()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  const file = path.join(home.folder, 'personas', 'mira', 'persona.yaml')
  const log = () => readFile(path.join(home.data, 'hearth.log'), 'utf8')
  await using hearth = home.start(['run'])
  hearth.say('One?')
  await hearth.until(() => hearth.stdout.includes('Yes.'))

  const before = await readFile(file, 'utf8')
  await writeFile(
    `${file}.new`,
    before.replace('You are quick, curious and dry.', 'You are slow as planted-moss.'),
  )
  await rename(`${file}.new`, file)
  await expect.poll(log, { timeout: 30_000 }).toContain('a persona has changed')
  hearth.say('Two?')
  await expect.poll(() => ollama.chats().length, { timeout: 30_000 }).toBe(2)
  const [first, second] = ollama.chats().map(({ body }) => JSON.stringify(body.messages))
  expect(first).not.toContain('planted-moss')
  expect(second).toContain('planted-moss')

  await writeFile(file, before.replace('reminder:', 'remnder:'))
  await expect.poll(log, { timeout: 30_000 }).toContain('its files cannot be used')
  hearth.say('Three?')
  await expect.poll(() => ollama.chats().length, { timeout: 30_000 }).toBe(3)
  expect(JSON.stringify(ollama.chats()[2]?.body.messages)).toContain('planted-moss')
  hearth.finish()
  expect(await hearth.ended).toMatchObject({ code: 0 })
  const told = await log()
  expect(told).toMatch(/"persona":"mira","what":"personality","change":"\+1 −1 lines, \d+ → \d+ characters"/)
  expect(told).toContain('personas/mira/persona.yaml:')
  expect(told).toContain('Did you mean reminder?')
  expect(told).not.toContain('planted-moss')
})
