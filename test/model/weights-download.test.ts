import { readFile, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DownloadLimits, type DownloadRequest, download } from '../../src/model/download.ts'
import { fakeWeights, sendFile, serve, temporaryFolder } from './weights-support.ts'

const content = fakeWeights(300_000)
const never = new AbortController().signal
const limits: DownloadLimits = { answerMs: 3_000, stallMs: 3_000, failuresInRow: 3, pauseMs: 1 }

async function request(url: string, more: Partial<DownloadRequest> = {}): Promise<DownloadRequest> {
  const folder = await temporaryFolder()
  return {
    url,
    partPath: path.join(folder, 'm.gguf.part'),
    folder,
    hasChecksum: true,
    onBytes: () => {},
    ...more,
  }
}

/** A server whose connection breaks each time the reader has got so many bytes of the file. */
async function serveCut(file: Buffer, cuts: readonly number[], etag?: string) {
  const ranges: (string | undefined)[] = []
  let open: ServerResponse | undefined
  const url = await serve((question, answer) => {
    const from = cuts[ranges.length - 1] ?? 0
    const to = cuts[ranges.length]
    ranges.push(question.headers.range)
    open = answer
    sendFile(question, answer, file, {
      ...(etag === undefined ? {} : { etag }),
      ...(to === undefined ? {} : { only: to - from }),
    })
  })
  const cutAt = (received: number) => {
    if (received === cuts[ranges.length - 1]) open?.destroy()
  }
  return { url, ranges, cutAt }
}

describe('a download', () => {
  it('brings the whole file and says how far it is', async () => {
    const seen: (number | undefined)[][] = []
    const url = await serve((question, answer) => sendFile(question, answer, content))
    const wanted = await request(url, { onBytes: (received, total) => seen.push([received, total]) })
    await download(wanted, limits, never)
    expect((await readFile(wanted.partPath)).equals(content)).toBe(true)
    expect(seen.at(0)).toEqual([0, content.length])
    expect(seen.at(-1)).toEqual([content.length, content.length])
  })

  it('goes on where the connection was cut, as often as it takes', async () => {
    const { url, ranges, cutAt } = await serveCut(content, [70_000, 140_000, 210_000], '"v1"')
    const wanted = await request(url, { onBytes: cutAt })
    expect(await download(wanted, limits, never)).toEqual({ continued: true })
    expect((await readFile(wanted.partPath)).equals(content)).toBe(true)
    expect(ranges).toEqual([undefined, 'bytes=70000-', 'bytes=140000-', 'bytes=210000-'])
  })

  it('goes on with the part that an earlier process left', async () => {
    const { url, ranges, cutAt } = await serveCut(content, [100_000], '"v1"')
    const wanted = await request(url, { onBytes: cutAt })
    await expect(download(wanted, { ...limits, failuresInRow: 0 }, never)).rejects.toThrow(/connection/)
    await download(wanted, limits, never)
    expect((await readFile(wanted.partPath)).equals(content)).toBe(true)
    expect(ranges).toEqual([undefined, 'bytes=100000-'])
  })

  it('begins again when the file on the server is another one by now', async () => {
    const newer = fakeWeights(250_000, 7)
    let first: ServerResponse | undefined
    const url = await serve((question, answer) => {
      if (first !== undefined) return sendFile(question, answer, newer, { etag: '"v2"' })
      first = answer
      sendFile(question, answer, content, { etag: '"v1"', only: 100_000 })
    })
    const wanted = await request(url, { onBytes: (received) => received === 100_000 && first?.destroy() })
    expect(await download(wanted, limits, never)).toEqual({ continued: false })
    expect((await readFile(wanted.partPath)).equals(newer)).toBe(true)
  })

  it('fetches nothing again when the part is the whole file already', async () => {
    let sent = 0
    const url = await serve((question, answer) => {
      sent += 1
      sendFile(question, answer, content, { etag: '"v1"' })
    })
    const wanted = await request(url)
    await download(wanted, limits, never)
    await download(wanted, limits, never)
    expect(sent).toBe(2)
    expect((await readFile(wanted.partPath)).equals(content)).toBe(true)
  })

  it('begins again when its part is longer than the file', async () => {
    const url = await serve((question, answer) => sendFile(question, answer, content))
    const wanted = await request(url)
    await writeFile(wanted.partPath, Buffer.alloc(content.length + 5))
    await writeFile(`${wanted.partPath}.json`, JSON.stringify({ url }))
    await download(wanted, limits, never)
    expect((await readFile(wanted.partPath)).equals(content)).toBe(true)
  })

  it('does not go on with a part of another address', async () => {
    const ranges: (string | undefined)[] = []
    const url = await serve((question, answer) => {
      ranges.push(question.headers.range)
      sendFile(question, answer, content)
    })
    const wanted = await request(url)
    await writeFile(wanted.partPath, Buffer.alloc(1000))
    await writeFile(`${wanted.partPath}.json`, JSON.stringify({ url: `${url}/other` }))
    await download(wanted, limits, never)
    expect(ranges).toEqual([undefined])
  })

  it('does not go on without a checksum when the server gives no version of the file', async () => {
    const { url, ranges, cutAt } = await serveCut(content, [50_000])
    const wanted = await request(url, { hasChecksum: false, onBytes: cutAt })
    await download(wanted, limits, never)
    expect(ranges).toEqual([undefined, undefined])
    expect((await readFile(wanted.partPath)).equals(content)).toBe(true)
  })
})

it('stops when it is told to, and leaves no request open', async () => {
  const url = await serve((_question, answer) => {
    answer.writeHead(200, { 'content-length': content.length })
    answer.write(content.subarray(0, 1000))
  })
  const stop = new AbortController()
  const wanted = await request(url, { onBytes: (received) => received === 1000 && stop.abort() })
  await expect(download(wanted, limits, stop.signal)).rejects.toMatchObject({ name: 'AbortError' })
})

describe('a download fails with one clear sentence', () => {
  it.each([
    [404, 'the server answered 404'],
    [403, 'the server answered 403'],
    [503, 'the server answered 503'],
  ])('when the server answers %i, at once', async (status, message) => {
    let asked = 0
    const url = await serve((_question, answer) => {
      asked += 1
      answer.writeHead(status).end('a page for people')
    })
    const wanted = await request(url)
    await expect(download(wanted, limits, never)).rejects.toMatchObject({
      code: 'pocket-source-failed',
      message,
    })
    expect(asked).toBe(1)
  })

  it('when nobody listens there', async () => {
    const url = await new Promise<string>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number }
        server.close(() => resolve(`http://127.0.0.1:${port}/m.gguf`))
      })
    })
    await expect(download(await request(url), limits, never)).rejects.toThrow(
      'the server refuses the connection',
    )
  })

  it('when the name of the server is not known', async () => {
    const wanted = await request('http://no-such-host.invalid/m.gguf')
    await expect(download(wanted, limits, never)).rejects.toThrow('the name of the server is not known here')
  })

  it('when the server takes the connection and says nothing', async () => {
    const url = await serve(() => {})
    await expect(download(await request(url), { ...limits, answerMs: 50 }, never)).rejects.toThrow(
      'the server does not answer',
    )
  })

  it('when the server falls silent in the middle, again and again', async () => {
    let asked = 0
    const url = await serve((question, answer) => {
      asked += 1
      if (asked === 1) return sendFile(question, answer, content, { only: 1000 })
      // The rest is promised and never sent.
      const range = `bytes 1000-${content.length - 1}/${content.length}`
      answer.writeHead(206, { 'content-range': range }).flushHeaders()
    })
    const wanted = await request(url)
    await expect(download(wanted, { ...limits, stallMs: 300 }, never)).rejects.toThrow(
      'the server does not answer',
    )
    expect(asked).toBe(1 + limits.failuresInRow)
    expect((await readFile(wanted.partPath)).length).toBe(1000)
  })

  it('when the length is not announced and there is no checksum', async () => {
    const url = await serve((_question, answer) => {
      answer.write(content)
      answer.end()
    })
    const wanted = await request(url, { hasChecksum: false })
    await expect(download(wanted, limits, never)).rejects.toThrow(/does not say how long/)
  })
})
