import { expect, it } from 'vitest'
import type { Embedder } from '../../src/core/model.ts'
import { createFindNear } from '../../src/turn/near.ts'
import { book, ext } from '../persona/lore/support.ts'

const { signal } = new AbortController()
const wanted = { vectorized: true }
const books = [
  book([
    ext('sea', wanted, { id: 1, content: 'sea' }),
    ext('mill', wanted, { id: 2, content: 'mill' }),
    ext('off', wanted, { id: 3, content: 'sea', enabled: false }),
    ext('by key alone', {}, { id: 4, content: 'sea' }),
  ]),
]

/** A space of three: what is about the sea, about a mill, and about nothing; `usual` is in everything. */
function embedder(usual = 0) {
  const asked: string[] = []
  const embed: Embedder['embed'] = async (texts) => {
    asked.push(...texts)
    return texts.map((text) =>
      Float32Array.from([Number(text.includes('sea')), Number(text.includes('mill')), 0.01, usual]),
    )
  }
  return { asked, embedder: { model: 'test', dimensions: 4, embed } }
}

it('finds what is nearer than small talk would be, whatever the space is like', async () => {
  for (const usual of [0, 3]) {
    const near = createFindNear({ embedder: embedder(usual).embedder, onTrouble: () => undefined })
    expect(await near(books, 'by the sea', signal)).toEqual(['book/1'])
    expect(await near(books, 'of nothing', signal)).toEqual([])
    expect(await near(books, ' ', signal)).toEqual([])
  }
})

it('asks for each text once, and for nothing where no entry wants it', async () => {
  const { asked, embedder: counting } = embedder()
  const near = createFindNear({ embedder: counting, onTrouble: () => undefined })
  await near([book([ext('mill', {})])], 'the mill', signal)
  expect(asked).toEqual([])
  await near(books, 'the mill', signal)
  const first = asked.length
  await near(books, 'the mill again', signal)
  expect(asked.slice(first)).toEqual(['the mill again'])
})

it('finds nothing without a model, and where that fails, and says so', async () => {
  const troubles: unknown[] = []
  const failing = { model: 'test', dimensions: 1, embed: () => Promise.reject(new Error('away')) }
  const near = createFindNear({ embedder: failing, onTrouble: (error) => troubles.push(error) })
  expect(await near(books, 'the sea', signal)).toEqual([])
  expect(troubles).toHaveLength(1)
  expect(
    await createFindNear({ embedder: undefined, onTrouble: () => undefined })(books, 'the sea', signal),
  ).toEqual([])
  const gone = AbortSignal.abort(new Error('shutdown'))
  await expect(near(books, 'the sea', gone)).rejects.toThrow('shutdown')
})
