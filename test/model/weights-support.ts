import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { onTestFinished } from 'vitest'

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

export interface ZipItem {
  readonly name: string
  readonly content: Buffer
  readonly stored?: boolean
  /** What the archive says instead of the truth. */
  readonly lies?: {
    readonly bytes?: number
    readonly compressedBytes?: number
    readonly crc?: number
    readonly offset?: number
    readonly flags?: number
    readonly method?: number
    readonly localName?: string
  }
}

export function makeZip(items: readonly ZipItem[], lies: { readonly directoryBytes?: number } = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, stored = false, lies = {} } of items) {
    const packed = stored ? content : deflateRawSync(content)
    const fields = Buffer.alloc(24)
    fields.writeUInt16LE(lies.flags ?? 0, 0)
    fields.writeUInt16LE(lies.method ?? (stored ? 0 : 8), 2)
    fields.writeUInt32LE(lies.crc ?? crc32(content), 8)
    fields.writeUInt32LE(lies.compressedBytes ?? packed.length, 12)
    fields.writeUInt32LE(lies.bytes ?? content.length, 16)
    const localName = Buffer.from(lies.localName ?? name)
    const localFields = Buffer.from(fields)
    localFields.writeUInt16LE(localName.length, 20)
    const local = Buffer.concat([Buffer.from('PK\x03\x04\x14\0', 'latin1'), localFields, localName, packed])
    const entryName = Buffer.from(name)
    fields.writeUInt16LE(entryName.length, 20)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(lies.offset ?? offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\0\x14\0', 'latin1'), fields, rest, entryName)
    locals.push(local)
    offset += local.length
  }
  const directoryBytes = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(items.length, 8)
  end.writeUInt16LE(items.length, 10)
  end.writeUInt32LE(lies.directoryBytes ?? directoryBytes.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directoryBytes, end])
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
