import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { type HearthHome, makeHome } from '../support/hearth-process.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'
import { hasPseudoTerminals } from '../support/pseudo-terminal.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!hasPseudoTerminals)('in a real terminal', () => {
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

  it('shows one beginning of a reply that breaks off, and the reply once', async () => {
    const pieces = ['The tide', ' comes in', ' and out.']
    let tries = 0
    ollama.script = () => {
      if (++tries > 2) return { pieces: ['It comes', ' and goes.'], paceMs: 100 }
      return { pieces, paceMs: 100, fault: { kind: 'cut', after: 2 } }
    }
    await using run = home.startInTerminal(['run'])
    await run.shows('›')
    run.type('What does it do?\r')
    await run.shows('It comes and goes.')
    expect(run.terminal.text().match(/The tide/g)).toHaveLength(1)
    expect(run.terminal.text().match(/It comes/g)).toHaveLength(1)
    run.type('\u0004')
    expect(await run.exit).toBe(0)
  })

  it.each([
    ['Ctrl-C', '\u0003', 'mira'],
    ['Ctrl-D', '\u0004', 'pascoe'],
    ['/quit', '/quit\r', 'ottoline'],
  ])('after %s a Ctrl-C ends it at once, in the middle of a reply', async (_name, leave, persona) => {
    ollama.script = () => ({
      pieces: Array.from({ length: 1_000 }, (_, index) => ` word${index}`),
      paceMs: 100,
    })
    await using run = home.startInTerminal(['chat', persona])
    await run.shows('›')
    run.type('Tell me all of it.\r')
    await run.shows('word1')
    run.type(leave)
    // It lets the terminal go, and finishes the reply in up to four seconds.
    await new Promise((resolve) => setTimeout(resolve, 500))
    const leftMs = performance.now()
    run.type('\u0003')
    expect(await run.exit).toBe(130)
    expect(performance.now() - leftMs).toBeLessThan(2_000)
  })
})
