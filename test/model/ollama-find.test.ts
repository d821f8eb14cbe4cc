import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { findOllama } from '../../src/model/ollama-find.ts'
import { never } from '../contract/generator.ts'
import { startOllamaServer } from '../support/ollama-server.ts'

describe('looking for Ollama', () => {
  it('tells the chat models of a host, the newest first, without embedding and cloud models', async () => {
    await using server = await startOllamaServer({
      models: [
        { name: 'older:latest', modifiedAt: '2026-01-01T00:00:00Z' },
        { name: 'nomic:latest', modifiedAt: '2026-09-01T00:00:00Z', capabilities: ['embedding'] },
        { name: 'bert:latest', modifiedAt: '2026-09-01T00:00:00Z', capabilities: null, family: 'nomic-bert' },
        { name: 'newer:latest', modifiedAt: '2026-08-01T10:00:00.123456789+02:00' },
        { name: 'huge:cloud', modifiedAt: '2026-10-01T00:00:00Z', remoteHost: 'https://ollama.com:443' },
      ],
    })
    expect(await findOllama([server.url], never, 5_000)).toEqual([
      { url: server.url, problem: undefined, chatModels: ['newer:latest', 'older:latest'] },
    ])
  })

  it('asks for each model where the server does not tell in its list what they can do', async () => {
    await using server = await startOllamaServer({
      models: [
        { name: 'a' },
        { name: 'b', capabilities: ['embedding'] },
        { name: 'c', remoteHost: 'https://x' },
      ],
    })
    server.intercept = (path) =>
      path === '/api/tags'
        ? { status: 200, body: { models: ['gone', 'c', 'b', 'a'].map((name) => ({ name })) } }
        : undefined
    expect((await findOllama([server.url], never, 5_000))[0]).toMatchObject({
      problem: undefined,
      chatModels: ['a'],
    })
  })

  it('tells which hosts do not answer, and why', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    await using empty = await startOllamaServer({ models: [] })
    await using gone = await startOllamaServer()
    await gone[Symbol.asyncDispose]()
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const found = await findOllama([gone.url, silentUrl, empty.url], never, 200)
    expect(found.map(({ url, problem, chatModels }) => [url, problem?.code, chatModels])).toEqual([
      [gone.url, 'unreachable', []],
      [silentUrl, 'unreachable', []],
      [empty.url, undefined, []],
    ])
    silent.closeAllConnections()
    silent.close()
  })

  it('throws what the signal was aborted with', async () => {
    await expect(
      findOllama(['http://127.0.0.1:9'], AbortSignal.abort(new Error('enough')), 200),
    ).rejects.toThrow('enough')
  })
})
