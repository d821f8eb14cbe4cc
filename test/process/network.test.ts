import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { postgresDatabase } from '../support/databases.ts'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import { startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const recorder = path.join(import.meta.dirname, '../support/record-network-child.ts')
const hostOf = (url: string) => new URL(url).host

it('speaks to the configured model host and database, and to nobody else', async () => {
  await using ollama = await startOllamaServer()
  await using database = await postgresDatabase()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  const record = path.join(home.folder, 'network')
  const options = { nodeOptions: ['--import', recorder], environment: { RECORD_NETWORK: record } }
  const { code, stdout } = await home.run(['run'], { ...options, input: 'One.\nTwo.\n' })
  expect({ code, lines: linesOf(stdout).length }).toEqual({ code: 0, lines: 2 })
  const recorded = linesOf(await readFile(record, 'utf8'))
  expect(new Set(recorded)).toEqual(
    new Set([
      'recording',
      `connect ${hostOf(ollama.url)}`,
      `connect ${hostOf(database.environment.DATABASE_URL ?? '')}`,
    ]),
  )
})

it('the recorder sees every way out', async () => {
  await using home = await makeHome()
  const record = path.join(home.folder, 'network')
  const script = `
    const quiet = () => {}
    await fetch('http://one.invalid').catch(quiet)
    await fetch('http://127.0.0.1:2/').catch(quiet)
    require('node:net').connect(2, '127.0.0.2').on('error', quiet)
    require('node:http').get('http://127.0.0.3:2').on('error', quiet)
    require('node:dns').resolve4('two.invalid', quiet)
    await require('node:dns/promises').lookup('three.invalid').catch(quiet)
    require('node:dgram').createSocket('udp4').send('x', 9, '127.0.0.4', () => process.exit())
  `
  const child = spawn(
    process.execPath,
    ['--import', recorder, '--input-type=commonjs', '-e', `(async () => {${script}})()`],
    { env: { ...process.env, RECORD_NETWORK: record }, stdio: 'inherit' },
  )
  await once(child, 'exit')
  expect(linesOf(await readFile(record, 'utf8'))).toEqual([
    'recording',
    'connect one.invalid:80',
    expect.stringMatching(/^dns lookup one\.invalid/),
    'connect 127.0.0.1:2',
    'connect 127.0.0.2:2',
    'connect 127.0.0.3:2',
    'dns resolve4 two.invalid',
    'dns lookup three.invalid',
    'datagram 9 127.0.0.4',
    // The socket binds itself, and sends again.
    'datagram 9 127.0.0.4',
  ])
})
