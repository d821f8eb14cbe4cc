import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { configError, storeError } from '../src/core/errors.ts'
import { serveAll } from '../src/serve-all.ts'

const wrong = (name: string) => configError(`${name} is set up wrong.`, { code: 'test-wrong' })

describe('platforms that are served beside each other', () => {
  const ended: string[] = []
  const refused: string[] = []
  const refuse = (name: string) => void refused.push(name)
  const goes = (name: string) => ({
    name,
    async serve(life: AbortSignal) {
      await sleep(60_000, undefined, { signal: life }).catch(() => undefined)
      ended.push(name)
    },
  })
  const fails = (name: string, error: unknown) => ({ name, serve: () => Promise.reject(error) })

  it('go on without one that is set up wrong, until they are told to end', async () => {
    const stop = new AbortController()
    const serving = serveAll([fails('one', wrong('one')), goes('two')], refuse, stop.signal)
    await sleep(20)
    expect({ refused, ended }).toEqual({ refused: ['one'], ended: [] })
    stop.abort()
    await serving
    expect(ended).toEqual(['two'])
  })

  it('end where all of them are', async () => {
    const { signal } = new AbortController()
    const platforms = ['one', 'two'].map((name) => fails(name, wrong(name)))
    refused.length = 0
    await expect(serveAll(platforms, refuse, signal)).rejects.toThrow('two is set up wrong.')
    expect(refused).toEqual(['one'])
    await expect(serveAll(platforms.slice(0, 1), refuse, signal)).rejects.toThrow('one is set up wrong.')
  })

  it.each([
    storeError('The database is away.', { code: 'test-away', retryable: true }),
    new TypeError('a bug'),
  ])('end with one that ends of anything else: %s', async (error) => {
    const { signal } = new AbortController()
    ended.length = 0
    await expect(serveAll([fails('one', error), goes('two')], refuse, signal)).rejects.toBe(error)
    expect(ended).toEqual(['two'])
  })
})
