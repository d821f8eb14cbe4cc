import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Health, readinessChecks, serveHealth } from '../../src/ops/health.ts'

const signal = new AbortController().signal
const opened: Health[] = []
afterEach(async () => {
  for (const health of opened.splice(0)) await health[Symbol.asyncDispose]()
})

const renderMetrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'hearth_x 1\n' })

async function serve(options: Partial<Parameters<typeof serveHealth>[0]> = {}): Promise<Health> {
  const health = await serveHealth({ host: '127.0.0.1', port: 0, renderMetrics, ...options }, signal)
  opened.push(health)
  return health
}

async function listening(
  options: Parameters<typeof serve>[0] = {},
): Promise<Health & { readonly listening: true }> {
  const health = await serve(options)
  if (!health.listening) throw new Error(health.reason)
  return health
}

describe('the health server', () => {
  it('says that the process is alive, and shows the metrics', async () => {
    const { url } = await listening()
    const alive = await fetch(`${url}/healthz`)
    expect([alive.status, await alive.text()]).toEqual([200, 'ok\n'])
    const metrics = await fetch(`${url}/metrics?x=1`)
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(await metrics.text()).toBe('hearth_x 1\n')
  })

  it('is not ready before everything is, and says what is missing', async () => {
    const health = await listening()
    const ask = async () => {
      const response = await fetch(`${health.url}/readyz`)
      return { status: response.status, body: await response.json() }
    }
    const starting = { ok: false, reason: 'still starting' }
    expect(await ask()).toEqual({
      status: 503,
      body: { ready: false, checks: { store: starting, model: starting, accounts: starting } },
    })
    for (const check of readinessChecks) health.report(check, { ok: true })
    expect(await ask()).toMatchObject({ status: 200, body: { ready: true } })
    health.report('model', { ok: false, reason: 'No host answers.' })
    expect(await ask()).toMatchObject({
      status: 503,
      body: {
        ready: false,
        checks: { store: { ok: true }, model: { ok: false, reason: 'No host answers.' } },
      },
    })
  })

  it('answers HEAD without a body, other methods with 405, other paths with 404', async () => {
    const { url } = await listening()
    const head = await fetch(`${url}/healthz`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(`${url}/healthz`, { method: 'POST', body: 'x' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect((await fetch(`${url}/`)).status).toBe(404)
    expect((await fetch(`${url}//healthz`)).status).toBe(404)
  })

  it('stays alive when the metrics fail, and when somebody talks rubbish', async () => {
    const { url } = await listening({ renderMetrics: () => Promise.reject(new Error('planted')) })
    const metrics = await fetch(`${url}/metrics`)
    expect(metrics.status).toBe(500)
    expect(await metrics.text()).not.toContain('planted')
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
        socket.end('\u0000rubbish\r\n\r\n'),
      )
      socket.on('close', () => resolve()).resume()
    })
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('says why it does not listen when the port is taken, and takes reports all the same', async () => {
    const first = await listening()
    const second = await serve({ port: Number(new URL(first.url).port) })
    expect(second).toMatchObject({
      listening: false,
      reason: `Cannot listen on ${new URL(first.url).host}: another program listens there already.`,
    })
    second.report('store', { ok: true })
  })

  it('says why it does not listen when there is no such address', async () => {
    expect(await serve({ host: '192.0.2.1' })).toMatchObject({ listening: false })
  })

  it('is gone when it was disposed, also with open connections, and may be disposed twice', async () => {
    const health = await listening()
    const idle = connect(Number(new URL(health.url).port), '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    const closed = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => undefined)
    await fetch(`${health.url}/healthz`)
    await health[Symbol.asyncDispose]()
    await health[Symbol.asyncDispose]()
    await closed
    await expect(fetch(`${health.url}/healthz`)).rejects.toThrow()
  })

  it('does not begin when it was told to stop', async () => {
    const options = { host: '127.0.0.1', port: 0, renderMetrics }
    await expect(serveHealth(options, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  })
})
