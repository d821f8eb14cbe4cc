import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { makeZip } from '../support/make-zip.ts'

/** Bytes that look like a model's file: the GGUF mark and then noise that is the same in every run. */
export function fakeWeights(bytes: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(bytes)
  let state = seed
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    buffer[i] = state >>> 24
  }
  buffer.write('GGUF\x03\0\0\0', 'latin1')
  return buffer
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-weights-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A web server on loopback that ends with the test; returns its address. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface FileAnswer {
  readonly etag?: string
  /** Sends only so many bytes and then leaves the connection open, for the test to cut. */
  readonly only?: number
}

/** Answers as a file server does: whole, or from where `Range` says when `If-Range` still holds. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  { etag, only }: FileAnswer = {},
): void {
  const condition = request.headers['if-range']
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
  const from = range !== null && (condition === undefined || condition === etag) ? Number(range[1]) : 0
  if (etag !== undefined) response.setHeader('etag', etag)
  if (from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    return
  }
  const body = content.subarray(from)
  if (from > 0) response.setHeader('content-range', `bytes ${from}-${content.length - 1}/${content.length}`)
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length })
  if (only === undefined) response.end(body)
  else response.write(body.subarray(0, only))
}

/** A wheel that pip takes, with one file in it. */
export function makeWheel(
  name: string,
  version: string,
  entry: string,
  content: Buffer,
): { file: string; bytes: Buffer } {
  const module = name.replaceAll('-', '_')
  const info = `${module}-${version}.dist-info`
  const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`)
  const bytes = makeZip([
    { name: entry, content },
    {
      name: `${info}/METADATA`,
      content: text(['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`]),
    },
    {
      name: `${info}/WHEEL`,
      content: text(['Wheel-Version: 1.0', 'Root-Is-Purelib: true', 'Tag: py3-none-any']),
    },
    {
      name: `${info}/RECORD`,
      content: text([`${entry},,`, `${info}/METADATA,,`, `${info}/WHEEL,,`, `${info}/RECORD,,`]),
    },
  ])
  return { file: `${module}-${version}-py3-none-any.whl`, bytes }
}
