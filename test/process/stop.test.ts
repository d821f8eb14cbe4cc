import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { type HearthHome, type HearthProcess, linesOf, makeHome } from '../support/hearth-process.ts'
import type { Reply } from '../support/ollama-script.ts'
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
  // What was killed is taken over as soon as may be.
  await home.configure('turns:\n  leaseMs: 2000\n')
})
afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await ollama[Symbol.asyncDispose]()
})

const slow = (words: number, paceMs: number): Reply => ({
  pieces: Array.from({ length: words }, (_, index) => ` word${index}`),
  paceMs,
})

/** Until the model speaks in answer to the request of that number, from 0. */
async function untilAsked(request: number): Promise<void> {
  const sent = () => ollama.chats()[request]?.sent ?? 0
  await expect.poll(sent, { timeout: 60_000, interval: 20 }).toBeGreaterThan(1)
}

async function midReply(hearth: HearthProcess, question: string): Promise<void> {
  const request = ollama.chats().length
  hearth.say(question)
  await untilAsked(request)
}

it('stops while it answers what was left over', async () => {
  ollama.script = () => slow(1_000, 100)
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await using hearth = home.start(['run'])
    if (signal === 'SIGKILL') await midReply(hearth, 'Are you there?')
    else await untilAsked(ollama.chats().length)
    hearth.kill(signal)
    expect(await hearth.ended).toMatchObject(signal === 'SIGKILL' ? { signal } : { code: 0 })
  }
  ollama.script = () => 'Here I am.'
  expect(await home.run(['run'])).toMatchObject({ code: 0, stdout: 'Here I am.\n' })
})

it('a reply that is nearly done is finished and shown', async () => {
  ollama.script = () => slow(30, 100)
  await using hearth = home.start(['run'])
  await midReply(hearth, 'Tell me all of it.')
  hearth.kill('SIGTERM')
  expect(await hearth.ended).toMatchObject({ code: 0, signal: null })
  expect(hearth.stdout).toMatch(/^word0 .*word29\n$/)
})

it('a reply that takes too long is handed back, and the next start gives it, once', async () => {
  ollama.script = () => slow(1_000, 100)
  {
    await using hearth = home.start(['run'])
    await midReply(hearth, 'Tell me more.')
    hearth.kill('SIGTERM')
    expect(await hearth.ended).toMatchObject({ code: 0, signal: null, stdout: '' })
    expect(ollama.chats().at(-1)?.state).toBe('hung-up')
  }
  ollama.script = () => 'Here it is.'
  expect(await home.run(['run'])).toMatchObject({ code: 0, stdout: 'Here it is.\n' })
  expect(await home.run(['run'])).toMatchObject({ code: 0, stdout: '' })
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second %s ends it at once, with %i, and nothing is lost', async (signal, code) => {
  ollama.script = () => slow(1_000, 100)
  {
    await using hearth = home.start(['run'])
    await midReply(hearth, 'And more.')
    hearth.kill(signal)
    // Two signals that come at once are one.
    await new Promise((resolve) => setTimeout(resolve, 200))
    hearth.kill(signal)
    expect(await hearth.ended).toMatchObject({ code, signal: null, stdout: '' })
  }
  ollama.script = () => 'Here it is again.'
  // The dead one's lease must run out first.
  await using next = home.start(['run'])
  await next.until(() => linesOf(next.stdout).length === 1)
  next.finish()
  expect(await next.ended).toMatchObject({ code: 0, stdout: 'Here it is again.\n' })
})

it.each(['SIGTERM', 'SIGINT'] as const)('with nothing to do, %s ends it with 0', async (signal) => {
  await using hearth = home.start(['run'])
  await hearth.until(() => hearth.stderr.includes('is an AI'))
  hearth.kill(signal)
  expect(await hearth.ended).toMatchObject({ code: 0, signal: null, stdout: '' })
})

it('stops while it waits for a model server that does not speak, and says nothing', async () => {
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  try {
    await using waiting = await makeHome(database.environment)
    const { port } = silent.address() as AddressInfo
    await waiting.configure(`models:\n  hosts:\n    - url: http://127.0.0.1:${port}\n`)
    const called = once(silent, 'connection')
    await using hearth = waiting.start(['run'])
    await called
    hearth.kill('SIGTERM')
    const ended = await hearth.ended
    expect(ended).toMatchObject({ signal: null, stdout: '', stderr: '' })
    expect(ended.code).not.toBe(1)
  } finally {
    silent.close()
  }
})
