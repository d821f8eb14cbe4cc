import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openLocalEmbedder } from '../../src/model/local-embedder.ts'
import { temporaryFolder } from './weights-support.ts'

const never = new AbortController().signal
const shared = process.env.HEARTH_MODELS ?? path.join('node_modules', '.cache', 'hearth-models')
/** 83 MB are not fetched for a test: it runs where somebody has used the model before. */
const isThere = existsSync(path.join(shared, 'all-MiniLM-L6-v2.Q8_0.gguf'))

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

test.runIf(isThere)('texts about the same are near to each other, however long they are', async () => {
  await using embedder = openLocalEmbedder({ modelsFolder: shared })
  const texts = [
    'I love my cat.',
    'My kitten is adorable.',
    'The stock market fell.',
    'a b '.repeat(5_000),
    '',
  ]
  const [cat, kitten, market, long, empty] = await embedder.embed(texts, 'document', never)
  if (!cat || !kitten || !market || !long || !empty) throw new Error('a vector is missing')
  expect([cat.length, long.length, empty.length]).toEqual([384, 384, 384])
  expect(cosine(cat, kitten)).toBeGreaterThan(0.5)
  expect(cosine(cat, market)).toBeLessThan(0.3)
})

test('without its weights it says so, and a closed one does nothing', async () => {
  const embedder = openLocalEmbedder({ modelsFolder: path.join(await temporaryFolder(), 'x'.repeat(300)) })
  await expect(embedder.embed(['cat'], 'query', never)).rejects.toMatchObject({
    who: 'model',
    code: 'embedder-unavailable',
    retryable: true,
  })
  await embedder[Symbol.asyncDispose]()
  await expect(embedder.embed(['cat'], 'query', never)).rejects.toThrow()
})
