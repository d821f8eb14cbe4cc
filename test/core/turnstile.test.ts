import { describe, expect, it } from 'vitest'
import { createTurnstile } from '../../src/core/turnstile.ts'

describe('a turnstile', () => {
  it('lets so many in at once, in the order in which they came, also past those that fail', async () => {
    const { enter } = createTurnstile(2)
    const begun: number[] = []
    const ends: PromiseWithResolvers<number>[] = Array.from({ length: 5 }, () => Promise.withResolvers())
    const all = ends.map((end, index) =>
      enter(() => {
        begun.push(index)
        return end.promise
      }),
    )
    const settled = Promise.allSettled(all)
    const tick = () => new Promise((resolve) => setImmediate(resolve))
    await tick()
    expect(begun).toEqual([0, 1])
    ends[1]?.reject(new Error('it failed'))
    await tick()
    expect(begun).toEqual([0, 1, 2])
    for (const [index, end] of ends.entries()) end.resolve(index)
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(begun).toEqual([0, 1, 2, 3, 4])
    await expect(enter(async () => 'later')).resolves.toBe('later')
  })

  it('lets what was begun go on at once, and in the place of those who wait', async () => {
    const { enter, goOn } = createTurnstile(1)
    const begun: string[] = []
    const ends = { first: Promise.withResolvers<void>(), further: Promise.withResolvers<void>() }
    const work = (name: string, end?: Promise<void>) => async () => {
      begun.push(name)
      await end
    }
    const all = [
      enter(work('first', ends.first.promise)),
      enter(work('second')),
      goOn(work('further', ends.further.promise)),
    ]
    const tick = () => new Promise((resolve) => setImmediate(resolve))
    ends.first.resolve()
    await tick()
    expect(begun).toEqual(['first', 'further'])
    ends.further.resolve()
    await Promise.all(all)
    expect(begun).toEqual(['first', 'further', 'second'])
  })
  it('gives the place of whoever waits for something else to others, and counts them again afterwards', async () => {
    const { enter, goOn, stepOut } = createTurnstile(1)
    const begun: string[] = []
    const elsewhere = Promise.withResolvers<string>()
    const end = Promise.withResolvers<void>()
    const first = goOn(async () => {
      const found = await stepOut(() => elsewhere.promise)
      begun.push(found)
      await end.promise
    })
    await enter(async () => begun.push('second'))
    elsewhere.resolve('found')
    const tick = () => new Promise((resolve) => setImmediate(resolve))
    await tick()
    const third = enter(async () => begun.push('third'))
    await tick()
    expect(begun).toEqual(['second', 'found'])
    end.resolve()
    await Promise.all([first, third])
    expect(begun).toEqual(['second', 'found', 'third'])
    const failed = goOn(() => stepOut(() => Promise.reject(new Error('it failed'))))
    await expect(failed).rejects.toThrow('it failed')
    await expect(enter(async () => 'later')).resolves.toBe('later')
  })
})
