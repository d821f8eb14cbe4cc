import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPersona, readPersonas } from '../../src/persona/read.ts'
import { type PersonaNews, watchPersonas } from '../../src/persona/watch.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-watch-'))
  await mkdir(path.join(folder, 'wren'))
  await save('You are Wren.')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const file = () => path.join(folder, 'wren', 'persona.yaml')
const text = (description: string) => `name: Wren\ndescription: ${description}\n`
/** As many editors do it: the new text into another file, which takes the place of the old one. */
async function put(source: string): Promise<void> {
  await writeFile(`${file()}.swp`, source)
  await rename(`${file()}.swp`, file())
}
const save = (description: string) => put(text(description))

async function watching(pollMs = 5) {
  const { personas } = await readPersonas(folder, new AbortController().signal)
  const news: PersonaNews[] = []
  const watch = watchPersonas({ folder, personas, tell: (each) => news.push(each), pollMs })
  const told = () =>
    news.map((each) => (each.kind === 'changed' ? `changed: ${each.after.description}` : each.kind))
  return {
    news,
    until: (...expected: readonly string[]) =>
      expect.poll(told, { timeout: 15_000, interval: 5 }).toEqual(expected),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  }
}

describe('the files of a persona', () => {
  it('are taken up each time that an editor has put another file in their place', async () => {
    await using watch = await watching()
    await save('One.')
    await watch.until('changed: One.')
    await save('Two.')
    await watch.until('changed: One.', 'changed: Two.')
  })

  it('are taken up where they changed between the first reading and the first look', async () => {
    const { personas } = await readPersonas(folder, new AbortController().signal)
    await save('Early.')
    const { promise, resolve } = Promise.withResolvers<PersonaNews>()
    await using _watch = watchPersonas({ folder, personas, tell: resolve, pollMs: 5 })
    expect(await promise).toMatchObject({ kind: 'changed', after: { description: 'Early.' } })
  })

  it('leave the persona as it was while they are broken, say what is wrong, and are read again when mended', async () => {
    await using watch = await watching()
    await put('name: Wren\ndescription: Wren\npersonalty: dry\n')
    await watch.until('broken')
    expect(watch.news[0]).toMatchObject({
      persona: 'wren',
      problems: [{ line: 3, field: 'personalty', mend: expect.stringContaining('personality') }],
    })
    await save('You are Wren.')
    await watch.until('broken', 'mended')
    await put('')
    await watch.until('broken', 'mended', 'broken')
    await save('Better.')
    await watch.until('broken', 'mended', 'broken', 'changed: Better.')
  })

  it('are not read while they are still being written', async () => {
    // Ten writes go between two looks, so that a busy machine does not end one too early.
    await using watch = await watching(200)
    for (let part = 1; part <= 30; part++) {
      await writeFile(file(), `name: Wren\ndescription: "${'x'.repeat(part)}`)
      await sleep(20)
    }
    await writeFile(file(), text('Whole.'))
    await watch.until('changed: Whole.')
  })

  it('say nothing where they are touched and stay the same', async () => {
    await using watch = await watching()
    await save('You are Wren.')
    await writeFile(path.join(folder, 'wren', '.persona.yaml.swp'), 'x')
    await sleep(60)
    await save('Now.')
    await watch.until('changed: Now.')
  })

  it('also are a book of lore and a picture', async () => {
    await using watch = await watching()
    await mkdir(path.join(folder, 'wren', 'lore'))
    await writeFile(
      path.join(folder, 'wren', 'lore', 'sea.json'),
      JSON.stringify({ entries: { 0: { uid: 0, key: ['sea'], content: 'It is cold.' } } }),
    )
    await watch.until('changed: You are Wren.')
    expect(watch.news[0]).toMatchObject({ after: { lore: [{ entries: [{ content: 'It is cold.' }] }] } })
    await writeFile(path.join(folder, 'wren', 'avatar.gif'), 'GIF89a')
    await watch.until('changed: You are Wren.', 'changed: You are Wren.')
  })

  it('are read again, though nothing has changed in them since, when they could not be read at first', async () => {
    const { personas } = await readPersonas(folder, new AbortController().signal)
    const news: PersonaNews['kind'][] = []
    let tries = 0
    const read: typeof readPersona = async (...of) => {
      tries++
      if (tries <= 3) throw new Error('too many open files')
      return tries <= 6
        ? { ok: false, problems: [{ file: 'persona.yaml', message: 'it cannot be read', mend: 'Wait.' }] }
        : await readPersona(...of)
    }
    await save('Later.')
    await using _watch = watchPersonas({
      folder,
      personas,
      tell: ({ kind }) => news.push(kind),
      pollMs: 5,
      read,
    })
    await expect.poll(() => news, { timeout: 15_000, interval: 5 }).toEqual(['failed', 'broken', 'changed'])
    await sleep(30)
    expect(tries).toBe(7)
  })

  it('may go with their folder, and come back', async () => {
    await using watch = await watching()
    await sleep(30)
    await rm(path.join(folder, 'wren'), { recursive: true })
    await watch.until('gone')
    await mkdir(path.join(folder, 'wren'))
    await save('You are Wren.')
    await watch.until('gone', 'mended')
  })

  it('of somebody new are told of once', async () => {
    await using watch = await watching()
    await sleep(30)
    await mkdir(path.join(folder, 'pip'))
    await watch.until('new-folder')
    expect(watch.news).toEqual([{ kind: 'new-folder', folder: 'pip' }])
  })
})
