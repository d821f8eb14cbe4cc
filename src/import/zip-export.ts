import { isAbort } from '../core/errors.ts'
import { openZip, ZipFault, type ZippedFile } from '../files/zip-archive.ts'
import { detectFormat, headBytes } from './detect.ts'
import { isOfPackage, pickOfPackage } from './discord-zip.ts'
import type { Chunks, Entry, Format, Speaker } from './entry.ts'
import { cannotRead, inZip, noMessagesInZip, unpacksTooLarge } from './errors.ts'
import type { Export } from './export.ts'
import type { Hints } from './who.ts'

/** One file within a zip that is read as if it stood alone. */
export interface Part {
  readonly file: ZippedFile
  readonly format: Format
  /** Who the person is, where the format itself does not know their names. */
  readonly person?: Speaker
}

export interface Picked {
  readonly name: string
  readonly parts: readonly Part[]
  readonly hints: Hints
}

/** Words are packed to a fifth or a tenth; a hundredth and less is a bomb. */
const ratioMost = 200
const smallBytes = 64 << 20
const mostBytes = 16 * 2 ** 30

/** Newer exports of ChatGPT have several. */
const ofChatGpt = /(?:^|\/)conversations(?:-\d{1,6})?\.json$/i
const ofElement = /(?:^|\/)export\.(?:json|txt)$/i

const isWanted = (name: string): boolean => ofChatGpt.test(name) || ofElement.test(name) || isOfPackage(name)

/**
 * Reads an export that comes as a zip, as it stands: of the files in it those with messages. Nothing is written to
 * the disk, and a zip within it stays closed. Throws `HearthError` (`import-…`), and what the aborted signal throws.
 */
export async function openZipExport(file: string, hints: Hints, signal: AbortSignal): Promise<Export> {
  const told = (error: unknown): unknown => {
    if (error instanceof ZipFault) return inZip(error)
    return error instanceof Error && 'syscall' in error && !isAbort(error) ? cannotRead(file, error) : error
  }
  await using stack = new AsyncDisposableStack()
  try {
    const zip = stack.use(await openZip(file, isWanted, signal))
    // Before anything is unpacked. Files that lie over one another count as often as they are there.
    const unpacked = sizeOf(zip.files)
    if (unpacked > mostBytes || unpacked > Math.max(smallBytes, zip.bytes * ratioMost))
      throw unpacksTooLarge()
    const { name, parts, hints: left } = await pick(zip.files, hints, signal)
    const held = stack.move()
    return {
      name,
      bytes: sizeOf(parts.map(({ file: part }) => part)),
      changedAt: zip.changedAt,
      hints: left,
      read: (onRead, reading) => readParts(parts, onRead, reading, told),
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    }
  } catch (error) {
    throw told(error)
  }
}

const sizeOf = (files: readonly ZippedFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

async function pick(files: readonly ZippedFile[], hints: Hints, signal: AbortSignal): Promise<Picked> {
  const conversations = files.filter(({ name }) => ofChatGpt.test(name))
  const ofDiscord = conversations.length > 0 ? undefined : await pickOfPackage(files, hints, signal)
  if (ofDiscord !== undefined) return ofDiscord
  const found = conversations.length > 0 ? conversations : files.filter(({ name }) => ofElement.test(name))
  const parts: Part[] = []
  for (const file of found) {
    const head = await headOf(file, signal)
    // The last of several may have nothing in it.
    if (found.length > 1 && /^\s*\[\s*\]\s*$/.test(head.toString())) continue
    parts.push({ file, format: detectFormat(head) })
  }
  const [first] = parts
  if (first === undefined) throw noMessagesInZip()
  return { name: first.format.name, parts, hints }
}

async function headOf(file: ZippedFile, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of file.read(signal)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= headBytes) break
  }
  return Buffer.concat(chunks).subarray(0, headBytes)
}

async function* readParts(
  parts: readonly Part[],
  onRead: (bytes: number) => void,
  signal: AbortSignal,
  told: (error: unknown) => unknown,
): AsyncGenerator<Entry> {
  let bytes = 0
  async function* counted(chunks: Chunks): Chunks {
    for await (const chunk of chunks) {
      yield chunk
      bytes += chunk.length
      onRead(bytes)
    }
  }
  try {
    for (const { file, format, person } of parts) {
      for await (const entry of format.read(counted(file.read(signal)))) {
        if (entry.kind === 'left-out' && parts.length > 1)
          yield { ...entry, place: { ...entry.place, file: file.name } }
        else if (entry.kind === 'said' && person !== undefined) yield { ...entry, speaker: person }
        else yield entry
      }
    }
  } catch (error) {
    throw told(error)
  }
}
