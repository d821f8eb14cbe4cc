import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { type HearthHome, linesOf, makeHome } from '../support/hearth-process.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
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
const log = () => readFile(path.join(home.data, 'hearth.log'), 'utf8')
const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, text: await response.text() }
}

it('tells on loopback, and only there, that it lives, that it is ready, and what it has done', async () => {
  await home.configure('ops:\n  port: 0\n')
  await using hearth = home.start(['run'])
  hearth.say('Hello.')
  await hearth.until(() => linesOf(hearth.stdout).length === 1)
  const url = /"url":"([^"]+)"/.exec(await log())?.[1] ?? ''
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)

  expect(await get(`${url}/healthz`)).toEqual({ status: 200, text: 'ok\n' })
  const ready = await get(`${url}/readyz`)
  expect(ready.status).toBe(200)
  expect(JSON.parse(ready.text)).toMatchObject({ ready: true, checks: { store: { ok: true } } })
  // The reply is shown a moment before its turn is closed.
  const closed = 'hearth_turns_closed_total{outcome="replied"} 1'
  await expect.poll(async () => (await get(`${url}/metrics`)).text, { timeout: 10_000 }).toContain(closed)
  const { status, text } = await get(`${url}/metrics`)
  expect(status).toBe(200)
  expect(text).toContain('hearth_messages_accepted_total{platform="console"} 1')
  expect(text).toMatch(/hearth_model_requests_total\{host="127\.0\.0\.1:\d+",result="ok"\} 1/)

  const others = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  for (const { address, internal, family } of others) {
    if (internal || family !== 'IPv4') continue
    await expect(get(url.replace('127.0.0.1', address))).rejects.toThrow('fetch failed')
  }
  hearth.finish()
  expect(await hearth.ended).toMatchObject({ code: 0 })
  await expect(get(`${url}/healthz`)).rejects.toThrow('fetch failed')
})

it('talks all the same when another program has the port, and says so in its log', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = other.address() as AddressInfo
    await home.configure(`ops:\n  port: ${port}\n`)
    expect(await home.run(['run'], { input: 'Hello.\n' })).toMatchObject({
      code: 0,
      stdout: 'Hello there.\n',
    })
    expect(await log()).toContain(`Cannot listen on 127.0.0.1:${port}`)
  } finally {
    other.close()
  }
})
