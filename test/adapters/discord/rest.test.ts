import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Routes } from 'discord.js'
import { describe, expect, test, vi } from 'vitest'
import { openRest } from '../../../adapters/discord/rest.ts'

const it = test.extend('open', async ({ task: _task }, { onCleanup }) => async (serve: RequestListener) => {
  // Not the double, which allows fifty requests in a second, and remembers them all.
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onCleanup(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  const pacer = { next: async () => () => undefined }
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  return openRest({ token: 'none', api }, new AbortController().signal, () => undefined, pacer)
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await tick()
  }
  return process.memoryUsage().heapUsed
}

describe('requests to Discord', () => {
  it('leave nothing behind in memory while the account lives', async ({ open }) => {
    const call = await open((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    const life = new AbortController()
    async function ask(times: number): Promise<void> {
      for (let n = 0; n < times; n++) await call('get', Routes.user(), 'look', life.signal)
    }
    await ask(500)
    const before = await heapBytes()
    await ask(2_000)
    expect((await heapBytes()) - before).toBeLessThan(1_000_000)
  })

  it('leave no timer behind when the account is closed', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const life = new AbortController()
    openRest({ token: 'none', api: undefined }, life.signal)
    const before = vi.getTimerCount()
    life.abort()
    const after = vi.getTimerCount()
    vi.useRealTimers()
    expect([before, after]).toEqual([2, 0])
  })

  it.for([50007, 50278])('say that there is no way to a person any more (%d)', async (code, { open }) => {
    const call = await open((_, response) => {
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ code, message: 'Cannot send messages to this user' }))
    })
    const sent = call('post', Routes.channelMessages('1'), 'write there', new AbortController().signal)
    await expect(sent).rejects.toMatchObject({ code: 'discord-cannot-write', retryable: false })
  })

  it('end with the signal that they were given', async ({ open }) => {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const call = await open(() => resolve())
    const ending = new AbortController()
    const result = call('get', Routes.user(), 'look', ending.signal)
    await asked
    const reason = new Error('enough')
    ending.abort(reason)
    await expect(result).rejects.toBe(reason)
  })
})
