import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import { startOllamaServer } from '../support/ollama-server.ts'
import { startPostgres } from '../support/postgres.ts'

// A whole process and a server of its own on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

it('says that the database is away while it is, once in the log, and goes on when it is back', async () => {
  await using ollama = await startOllamaServer()
  await using postgres = await startPostgres({ durable: false })
  await using home = await makeHome({
    DATABASE_URL: await postgres.createDatabase(),
    OLLAMA_HOST: ollama.url,
  })
  const log = () => readFile(path.join(home.data, 'hearth.log'), 'utf8')
  await home.configure('ops:\n  port: 0\n')
  await using hearth = home.start(['run'])
  hearth.say('Hello.')
  await hearth.until(() => linesOf(hearth.stdout).length === 1)
  const url = /"url":"([^"]+)"/.exec(await log())?.[1] ?? ''
  const ready = async () => {
    const response = await fetch(`${url}/readyz`)
    return { status: response.status, body: (await response.json()) as { checks: { store: unknown } } }
  }
  expect(await ready()).toMatchObject({ status: 200 })

  await postgres.stop()
  await expect.poll(async () => (await ready()).status, { timeout: 20_000 }).toBe(503)
  const reason = expect.stringContaining('Postgres database')
  expect((await ready()).body.checks.store).toEqual({ ok: false, reason })
  // It is asked every second, and that is not worth a line each time.
  await sleep(3_000)
  expect((await log()).match(/the store does not answer/g)).toHaveLength(1)

  await postgres.start()
  await expect.poll(async () => (await ready()).status, { timeout: 20_000 }).toBe(200)
  expect((await log()).match(/the store is back/g)).toHaveLength(1)
  hearth.say('Are you there?')
  await hearth.until(() => linesOf(hearth.stdout).length === 2)
})
