import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doctorChecks } from '../src/commands/doctor-checks.ts'
import { openModels } from '../src/models.ts'
import type { Config } from '../src/ops/config.ts'
import { type OllamaServer, startOllamaServer } from './support/ollama-server.ts'

describe('the embedding model', () => {
  let ollama: OllamaServer
  let folder: string
  beforeAll(async () => {
    ollama = await startOllamaServer()
    folder = await mkdtemp(path.join(tmpdir(), 'hearth-models-'))
  })
  afterAll(async () => {
    await ollama[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const { signal } = new AbortController()
  const configured = (embed: string | undefined) => {
    const hosts = [{ url: ollama.url, parallel: 1 }]
    const pocket = { folder, sources: undefined }
    const rest = { hostsListed: true, chat: undefined, contextTokens: 4_096, keepAlive: '30m' }
    return { models: { hosts, embed, pocket, ...rest } } as Partial<Config> as Config
  }
  const open = (embed: string | undefined) =>
    openModels(configured(embed), { observe: () => undefined, onProgress: () => undefined }, signal)
  const examined = async (embed: string | undefined) =>
    await doctorChecks.find(({ name }) => name === 'embedding')?.run(configured(embed), signal)

  it('is none where none is wanted', async () => {
    await using models = await open('none')
    expect([models.embedder, models.toFetch]).toEqual([undefined, undefined])
    expect(await examined('none')).toMatchObject([
      { status: 'ok', detail: expect.stringContaining('words alone') },
    ])
  })

  it('is said to be fetched, as long as it is not there', async () => {
    const sentence = expect.stringMatching(/\(83 MB\) will be fetched .* models\.embed/)
    const look = async () => {
      await using models = await open(undefined)
      return [models.embedder?.model, models.toFetch]
    }
    expect(await look()).toEqual(['all-MiniLM-L6-v2', sentence])
    expect(await examined(undefined)).toMatchObject([{ status: 'ok', detail: sentence }])
    await writeFile(path.join(folder, 'all-MiniLM-L6-v2.Q8_0.gguf'), '')
    expect(await look()).toEqual(['all-MiniLM-L6-v2', undefined])
    expect(await examined(undefined)).toMatchObject([
      { status: 'ok', detail: expect.stringContaining('is there') },
    ])
  })

  it('is missed by the doctor where the server does not have it', async () => {
    expect(await examined('nomic-embed-text')).toMatchObject([
      { status: 'fail', mend: 'ollama pull nomic-embed-text' },
    ])
  })
})
