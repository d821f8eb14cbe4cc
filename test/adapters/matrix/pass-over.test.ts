import { expect, it } from 'vitest'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import { createPassOver } from '../../../adapters/matrix/pass-over.ts'
import { storeError } from '../../../src/core/errors.ts'

const broken = async () => {
  throw new TypeError('not foreseen')
}

it('passes over what fails three times on end, and tells it', async () => {
  const news: MatrixNews[] = []
  const orPassOver = createPassOver((each) => void news.push(each))
  await expect(orPassOver('a', broken)).rejects.toThrow(TypeError)
  await expect(orPassOver('a', broken)).rejects.toThrow(TypeError)
  await orPassOver('a', broken)
  expect(news.map(({ kind }) => kind)).toEqual(['passed-over'])
  await expect(orPassOver('b', broken)).rejects.toThrow(TypeError)
})

it('begins to count anew when it has gone well', async () => {
  const orPassOver = createPassOver(() => undefined)
  for (let round = 0; round < 4; round++) {
    await expect(orPassOver('room', broken)).rejects.toThrow(TypeError)
    await orPassOver('room', async () => undefined)
  }
})

it('never passes over what passes by itself', async () => {
  const orPassOver = createPassOver(() => undefined)
  const away = storeError('The database is away.', { code: 'database-unreachable', retryable: true })
  for (let tries = 0; tries < 5; tries++) {
    await expect(
      orPassOver('room', async () => {
        throw away
      }),
    ).rejects.toBe(away)
  }
})
