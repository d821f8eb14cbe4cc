import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { openZip, ZipFault } from '../files/zip-archive.ts'
import { sourceError } from './pocket-errors.ts'

export interface Extraction {
  readonly archive: string
  readonly entry: string
  /** The entry's content may not be longer. */
  readonly maxBytes: number
  readonly target: string
  /** Where in the target its first byte goes; what stands there and after is overwritten. */
  readonly targetOffset: number
}

const broken = (what: string, cause?: unknown) =>
  sourceError(`the archive is damaged or hostile: ${what}`, cause)

/** Writes the entry into the target and returns its length in bytes. Throws `HearthError` (`model`), or what the file system throws. */
export async function extractEntry(extraction: Extraction, signal: AbortSignal): Promise<number> {
  const { archive, entry, maxBytes, target, targetOffset } = extraction
  try {
    await using zip = await openZip(archive, (name) => name === entry, signal)
    const [file] = zip.files
    if (file === undefined) throw sourceError(`the archive has no ${entry}`)
    if (file.bytes === 0) throw broken('the entry is empty')
    if (file.bytes > maxBytes) throw broken('the entry is larger than it should be')
    const output = await open(target, targetOffset === 0 ? 'w' : 'r+')
    const stream = output.createWriteStream({ start: targetOffset, flush: true })
    await pipeline(file.read(signal), stream, { signal })
    return file.bytes
  } catch (error) {
    throw error instanceof ZipFault ? broken(error.kind, error) : error
  }
}
