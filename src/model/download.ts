import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAbort } from '../core/errors.ts'
import { codeOf, diskFullError, isOutOfSpace, sourceError } from './pocket-errors.ts'

export interface DownloadLimits {
  /** From the request to the answer's first line: short, so that a machine without the internet goes on quickly. */
  readonly answerMs: number
  /** The longest silence in the middle of the file. */
  readonly stallMs: number
  /** Failures one after the other, without a byte between them, once something has come. */
  readonly failuresInRow: number
  readonly pauseMs: number
}

export const downloadLimits: DownloadLimits = {
  answerMs: 6_000,
  stallMs: 30_000,
  failuresInRow: 5,
  pauseMs: 1_000,
}

export interface DownloadRequest {
  readonly url: string
  /** Grows with the download and is taken up again by the next call. `<partPath>.json` beside it says whose part it is. */
  readonly partPath: string
  readonly folder: string
  /** True when the caller can check the content: then a part of unknown age may be continued, and a length need not be announced. */
  readonly hasChecksum: boolean
  readonly onBytes: (receivedBytes: number, totalBytes: number | undefined) => void
}

interface PartNote {
  readonly url: string
  /** `ETag` or `Last-Modified`, for `If-Range`: the rest is sent only when the file is still the same. */
  readonly validator: string | undefined
}

/** Nothing that we fetch is larger; a server that sends without end is cut off here. */
const fileMaxBytes = 64e9

/**
 * Leaves the whole file in `partPath`. Goes on after an interruption, within this call and across calls.
 * Throws `HearthError` (`model`; `pocket-source-failed`, `disk-full`), or what the aborted signal throws.
 */
export async function download(
  request: DownloadRequest,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<{ readonly continued: boolean }> {
  let failures = 0
  let anythingCame = false
  for (;;) {
    const before = await resumeOffset(request)
    try {
      const outcome = await fetchRest(request, before, limits, signal)
      if (outcome !== 'refused') return { continued: outcome === 'continued' }
      // The server does not have such a rest: the part is of another file.
      await dropPart(request.partPath)
      failures += 1
      if (failures > 1) throw sourceError('the server refuses to send the file')
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Interruption)) throw error
      const grown = (await sizeOf(request.partPath)) > before
      anythingCame ||= grown
      failures = grown ? 1 : failures + 1
      if (!anythingCame || failures > limits.failuresInRow) throw sourceError(error.message, error.cause)
      await sleep(limits.pauseMs, undefined, { signal })
    }
  }
}

export async function dropPart(partPath: string): Promise<void> {
  await rm(partPath, { force: true })
  await rm(`${partPath}.json`, { force: true })
}

/** The connection failed or fell silent: what has come so far is good. */
class Interruption extends Error {}

async function fetchRest(
  request: DownloadRequest,
  offset: number,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<'whole' | 'continued' | 'refused'> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), limits.answerMs)
  const awake = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), limits.stallMs)
  }
  let response: Response | undefined
  let expectedBytes: number | undefined
  try {
    response = await fetch(request.url, {
      headers: await requestHeaders(request, offset),
      signal: AbortSignal.any([signal, silence.signal]),
    })
    awake()
    const plan = readAnswer(request, response, offset)
    if (plan === 'refused' || plan === 'continued') return plan
    expectedBytes = plan.totalBytes
    await receive(request, response, plan, awake, signal)
    return plan.start > 0 ? 'continued' : 'whole'
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (isOutOfSpace(error)) throw diskFullError(request.folder, expectedBytes, error)
    if (silence.signal.aborted || isAbort(error))
      throw new Interruption('the server does not answer', { cause: error })
    throw isConnectionFailure(error) ? new Interruption(connectionReason(error), { cause: error }) : error
  } finally {
    clearTimeout(timer)
    if (response?.body?.locked === false) await response.body.cancel().catch(() => undefined)
  }
}

async function requestHeaders(request: DownloadRequest, offset: number): Promise<Record<string, string>> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (offset === 0) return headers
  headers.range = `bytes=${offset}-`
  const note = await readNote(request.partPath)
  if (note?.validator !== undefined) headers['if-range'] = note.validator
  return headers
}

interface Plan {
  readonly start: number
  readonly totalBytes: number | undefined
}

/** `continued`: the part is the whole file already. `refused`: the server has no such rest. */
function readAnswer(
  request: DownloadRequest,
  response: Response,
  offset: number,
): Plan | 'continued' | 'refused' {
  if (offset > 0 && response.status === 416) {
    return response.headers.get('content-range') === `bytes */${offset}` ? 'continued' : 'refused'
  }
  if (!request.hasChecksum && request.url.startsWith('https:') && !response.url.startsWith('https:')) {
    throw sourceError('the server leads away from https, and there is no checksum')
  }
  if (response.status >= 500 || response.status === 429) {
    throw new Interruption(`the server answered ${response.status}`)
  }
  if (response.status !== 200 && response.status !== 206) {
    throw sourceError(`the server answered ${response.status}`)
  }
  const plan = response.status === 206 ? partialPlan(response, offset) : wholePlan(response)
  if (plan === undefined) return 'refused'
  if (plan.totalBytes === undefined && !request.hasChecksum) {
    throw sourceError('the server does not say how long the file is, and there is no checksum')
  }
  if ((plan.totalBytes ?? 0) > fileMaxBytes) throw sourceError('the file is too large')
  return plan
}

function wholePlan(response: Response): Plan {
  const length = response.headers.get('content-length')
  return { start: 0, totalBytes: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined }
}

function partialPlan(response: Response, offset: number): Plan | undefined {
  const range = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(response.headers.get('content-range') ?? '')
  return Number(range?.[1]) === offset ? { start: offset, totalBytes: Number(range?.[2]) } : undefined
}

async function receive(
  request: DownloadRequest,
  response: Response,
  plan: Plan,
  awake: () => void,
  signal: AbortSignal,
): Promise<void> {
  if (response.body === null) throw new Interruption('the server sent nothing')
  if (plan.start === 0) await writeNote(request, response)
  let received = plan.start
  request.onBytes(received, plan.totalBytes)
  const file = await open(request.partPath, plan.start === 0 ? 'w' : 'r+')
  try {
    // Each piece is written before the next is read, so that a cut connection takes nothing away that has come.
    for await (const piece of response.body) {
      signal.throwIfAborted()
      awake()
      if (received + piece.length > (plan.totalBytes ?? fileMaxBytes)) {
        throw sourceError('the server sent more than it announced')
      }
      await writeAt(file, piece, received)
      received += piece.length
      request.onBytes(received, plan.totalBytes)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if (plan.totalBytes !== undefined && received < plan.totalBytes)
    throw new Interruption('the connection was cut')
}

async function writeAt(
  file: Awaited<ReturnType<typeof open>>,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

function isConnectionFailure(error: unknown): boolean {
  // fetch throws a TypeError for everything that happens on the wire; its cause says what it was.
  return (
    error instanceof Interruption ||
    error instanceof TypeError ||
    codeOf(error)?.startsWith('UND_ERR') === true
  )
}

function connectionReason(error: unknown): string {
  if (error instanceof Interruption) return error.message
  const code = codeOf(error instanceof Error ? (error.cause ?? error) : error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name of the server is not known here'
  if (code === 'ECONNREFUSED') return 'the server refuses the connection'
  return `the connection failed (${code ?? 'no further reason'})`
}

/** Bytes that may be kept from an earlier call. */
async function resumeOffset(request: DownloadRequest): Promise<number> {
  const note = await readNote(request.partPath)
  const usable = note?.url === request.url && (note.validator !== undefined || request.hasChecksum)
  return usable ? await sizeOf(request.partPath) : 0
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

async function writeNote(request: DownloadRequest, response: Response): Promise<void> {
  const etag = response.headers.get('etag')
  // A weak ETag must not be used in If-Range (RFC 9110, 13.1.5).
  const strong = etag !== null && !etag.startsWith('W/') ? etag : undefined
  const note: PartNote = {
    url: request.url,
    validator: strong ?? response.headers.get('last-modified') ?? undefined,
  }
  await rm(request.partPath, { force: true })
  await writeFile(`${request.partPath}.json`, JSON.stringify(note))
}

async function readNote(partPath: string): Promise<PartNote | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(`${partPath}.json`, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { url, validator } = value as Partial<Record<keyof PartNote, unknown>>
    if (typeof url !== 'string') return undefined
    return { url, validator: typeof validator === 'string' ? validator : undefined }
  } catch {
    return undefined
  }
}
