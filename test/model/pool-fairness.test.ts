import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GenerateOptions } from '../../src/core/model.ts'
import { createPool, type Pool } from '../../src/model/pool.ts'
import { collect, failure, never, plainOptions } from '../contract/generator.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

describe('the pool shares its hosts fairly', () => {
  let server: OllamaServer
  let pool: Pool
  /** Ends the reply that is under way; the next one begins and waits in turn. */
  let release: () => void

  beforeEach(async () => {
    server = await startOllamaServer({ models: [{ name: 'm:latest' }] })
    server.script = () => ({ pieces: ['ok'], paceMs: 0 })
    pool = createPool({ hosts: [{ url: server.url, parallel: 1 }], chat: 'm' })
    release = () => {}
  })
  afterEach(async () => {
    await pool[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  const order = (): readonly string[] => server.chats().map(({ body }) => body.messages?.[0]?.content ?? '')
  const say = (text: string, options: Partial<GenerateOptions> = {}, signal = never) =>
    collect(
      pool.generate([{ role: 'user', text }], { ...plainOptions, stickiness: text, ...options }, signal),
    )

  /** Takes the only place, by a reader who does not read on until `release`. */
  async function occupy(fairness: string): Promise<void> {
    const open = new Promise<void>((resolve) => {
      release = resolve
    })
    const reading = (async () => {
      const reply = pool.generate([{ role: 'user', text: 'first' }], { ...plainOptions, fairness }, never)
      for await (const piece of reply) if (piece.kind === 'text') await open
    })()
    await vi.waitFor(() => expect(order()).toEqual(['first']))
    void reading
  }
  const waits = (count: number) => vi.waitFor(() => expect(pool.status().waiting).toBe(count))

  it('lets a single call of one person pass the two hundred of another', async () => {
    await occupy('ada')
    const many = Array.from({ length: 200 }, (_, at) => say(`ada ${at}`, { fairness: 'ada' }))
    await waits(200)
    const single = say('bob', { fairness: 'bob' })
    await waits(201)
    release()
    await single
    expect(order().indexOf('bob')).toBe(1)
    await Promise.all(many)
    expect(order()).toHaveLength(202)
    expect(pool.status()).toMatchObject({ waiting: 0, hosts: [{ running: 0 }] })
  })

  it('serves people before jobs', async () => {
    await occupy('ada')
    const job = say('job', { fairness: 'bob', priority: 'job' })
    await waits(1)
    const person = say('person', { fairness: 'cy' })
    await waits(2)
    release()
    await Promise.all([job, person])
    expect(order()).toEqual(['first', 'person', 'job'])
  })

  it('never runs more at once on a host than it may', async () => {
    let running = 0
    let most = 0
    await using other = await startOllamaServer({ models: [{ name: 'm:latest' }] })
    other.script = () => {
      most = Math.max(most, ++running)
      return { pieces: ['a', 'b'], paceMs: 5 }
    }
    const wide = createPool({ hosts: [{ url: other.url, parallel: 3 }], chat: 'm' })
    await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const options = { ...plainOptions, stickiness: `${at}`, fairness: `${at}` }
        for await (const piece of wide.generate([{ role: 'user', text: 'x' }], options, never)) {
          if (piece.kind === 'end') running--
        }
      }),
    )
    expect(most).toBe(3)
    await wide[Symbol.asyncDispose]()
  })

  it('forgets a call that is aborted while it waits, and never asks the model', async () => {
    await occupy('ada')
    const stop = new AbortController()
    const waiting = say('bob', { fairness: 'bob' }, stop.signal)
    await waits(1)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(pool.status().waiting).toBe(0)
    release()
    await say('cy', { fairness: 'cy' })
    expect(order()).toEqual(['first', 'cy'])
  })

  it('gives the place of an aborted reply to the next', async () => {
    server.script = (body) =>
      body.messages?.[0]?.content === 'first'
        ? { pieces: ['a', 'b'], fault: { kind: 'silence', after: 1 } }
        : 'Hello.'
    const stop = new AbortController()
    const first = say('first', {}, stop.signal)
    await vi.waitFor(() => expect(order()).toEqual(['first']))
    const next = say('next', { fairness: 'bob' })
    await waits(1)
    stop.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    expect((await next).text).toBe('Hello.')
  })

  it('leaves nobody waiting for a model that has been removed', async () => {
    await occupy('ada')
    const waiting = ['bob', 'cy'].map((fairness) => failure(say(fairness, { fairness })))
    await waits(2)
    server.models = []
    release()
    expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(['model-missing', 'model-missing'])
    expect(pool.status().waiting).toBe(0)
  })

  it('lets the next begin as soon as a reply is complete, though its reader is slow', async () => {
    let seen = ''
    for await (const piece of pool.generate([{ role: 'user', text: 'slow' }], plainOptions, never)) {
      if (piece.kind === 'end') seen = (await say('next', { fairness: 'bob' })).text
    }
    expect(seen).toBe('ok')
  })
})
