import type { IncomingMessage } from 'node:http'

import { ApiError, invalidForm, refuse } from './api-error.ts'

export type Json = Readonly<Record<string, unknown>>

export interface Upload {
  /** The n of `files[n]`. */
  readonly index: string
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array
}

export interface ReadBody {
  readonly json: unknown
  readonly uploads: readonly Upload[]
}

export const fileLimitBytes = 10 * 1024 * 1024
const requestLimitBytes = 25 * 1024 * 1024
const maxFiles = 10

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export async function parseBody(bytes: Buffer, contentType: string): Promise<ReadBody> {
  if (bytes.length === 0) return { json: {}, uploads: [] }
  if (bytes.length > requestLimitBytes) throw refuse('tooLarge')
  if (contentType.startsWith('application/json')) return { json: parseJson(bytes.toString()), uploads: [] }
  if (contentType.startsWith('multipart/form-data')) return readForm(bytes, contentType)
  const accepted = 'application/json, application/x-www-form-urlencoded or multipart/form-data'
  const message = `Expected "Content-Type" header to be one of {${accepted}}.`
  throw invalidForm({ at: '', code: 'CONTENT_TYPE_INVALID', message })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refuse('malformedJson')
  }
}

async function readForm(bytes: Buffer, contentType: string): Promise<ReadBody> {
  let form: FormData
  try {
    form = await new Response(Uint8Array.from(bytes), { headers: { 'content-type': contentType } }).formData()
  } catch (cause) {
    throw Object.assign(new ApiError(400, 50035, 'Invalid Form Body'), { cause })
  }
  const uploads: Upload[] = []
  let json: unknown = {}
  for (const [key, value] of form) {
    if (key === 'payload_json') json = parseJson(String(value))
    const index = /^files?(?:\[(\d+)\])?$/.exec(key)
    if (index === null || typeof value === 'string') continue
    if (value.size > fileLimitBytes) throw refuse('tooLarge')
    uploads.push({
      index: index[1] ?? '0',
      name: value.name,
      contentType: value.type === '' ? 'application/octet-stream' : value.type,
      bytes: await value.bytes(),
    })
  }
  if (uploads.length > maxFiles) {
    const message = `Must be ${maxFiles} or fewer in length.`
    throw invalidForm({ at: 'attachments', code: 'BASE_TYPE_MAX_LENGTH', message })
  }
  return { json, uploads }
}
