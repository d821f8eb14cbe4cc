import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'

type FileHandle = Awaited<ReturnType<typeof open>>

export type ZipFaultKind =
  | 'damaged'
  /** A file in it has a name that leads out of it. */
  | 'leads-out'
  /** Two files of one name: readers disagree on which one counts, which is a way to hide one. */
  | 'twice'
  | 'too-many'
  /** A password is needed. */
  | 'locked'
  /** By another method than deflate. */
  | 'packing'

/** What is wrong with an archive. Its message has nothing out of the archive in it. */
export class ZipFault extends Error {
  readonly kind: ZipFaultKind

  constructor(kind: ZipFaultKind, cause?: unknown) {
    super(`The archive cannot be read: ${kind}.`, { cause })
    this.kind = kind
  }
}

export interface ZippedFile {
  readonly name: string
  /** Unpacked, as the archive says; more is never given out, and less is a fault. */
  readonly bytes: number
  /** Throws `ZipFault`, also at the end, where the checksum is wrong; what the file system and the signal throw. */
  read(signal: AbortSignal): AsyncGenerator<Uint8Array>
}

export interface ZipArchive extends AsyncDisposable {
  /** Those that were wanted, in the archive's order. */
  readonly files: readonly ZippedFile[]
  /** Packed, with everything in it. */
  readonly bytes: number
  readonly changedAt: Date
}

const chunkBytes = 256 << 10
const mostFiles = 1_000_000
const mostWanted = 100_000
const nameMostChars = 300
const stored = 0

/**
 * Reads the directory of a zip archive on the disk, zip64 too; what is in it is unpacked when it is asked for, in
 * chunks. Every number in it may be a lie. Throws `ZipFault`, and what the file system and the signal throw.
 */
export async function openZip(
  file: string,
  isWanted: (name: string) => boolean,
  signal: AbortSignal,
): Promise<ZipArchive> {
  await using stack = new AsyncDisposableStack()
  const handle = stack.use(await open(file, 'r'))
  const { size, mtime } = await handle.stat()
  const zip = await directory(() =>
    fromRandomAccessReaderPromise(new HandleReader(handle), size, { autoClose: false }),
  )
  if (zip.entryCount > mostFiles) throw new ZipFault('too-many')
  const files = new Map<string, ZippedFile>()
  for await (const entry of entriesOf(zip)) {
    signal.throwIfAborted()
    const { fileName: name, uncompressedSize: bytes } = entry
    if (name.length > nameMostChars || !isWanted(name)) continue
    if (files.has(name)) throw new ZipFault('twice')
    if (files.size === mostWanted) throw new ZipFault('too-many')
    files.set(name, { name, bytes, read: (reading) => unpack(handle, zip, entry, reading) })
  }
  const held = stack.move()
  return {
    files: [...files.values()],
    bytes: size,
    changedAt: mtime,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Offsets may lie outside of every file: promises say so, where the library's own reads throw into nowhere. */
class HandleReader extends RandomAccessReader {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    super()
    this.#handle = handle
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#handle.read(buffer, offset, length, position).then(
      ({ bytesRead }) => done(null, bytesRead),
      (error: Error) => done(error),
    )
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  const entries = zip.eachEntry()
  for (;;) {
    const { value, done } = await directory(() => entries.next())
    if (done === true) return
    yield value
  }
}

/** The library throws plain errors, which have names of files in them. */
async function directory<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ZipFault || (error instanceof Error && 'syscall' in error)) throw error
    const leadsOut = error instanceof Error && /^(?:invalid relative path|absolute path)/.test(error.message)
    throw new ZipFault(leadsOut ? 'leads-out' : 'damaged')
  }
}

async function* unpack(
  handle: FileHandle,
  zip: ZipFile,
  entry: Entry,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (entry.isEncrypted()) throw new ZipFault('locked')
  if (!entry.canDecodeFileData()) throw new ZipFault('packing')
  const { fileDataStart: start, fileName } = await directory(() => zip.readLocalFileHeaderPromise(entry))
  if (!fileName.equals(entry.fileNameRaw)) throw new ZipFault('damaged')
  const packed = bytesOf(handle, start, entry.compressedSize, signal)
  const chunks: AsyncIterable<Uint8Array> =
    entry.compressionMethod === stored
      ? packed
      : pipeline(packed, createInflateRaw({ chunkSize: chunkBytes }), () => undefined)
  let bytes = 0
  let crc = 0
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length
      crc = crc32(chunk, crc)
      if (bytes > entry.uncompressedSize) throw new ZipFault('damaged')
      yield chunk
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new ZipFault('damaged', error)
    }
    throw error
  }
  if (bytes !== entry.uncompressedSize || crc !== entry.crc32) throw new ZipFault('damaged')
}

async function* bytesOf(
  handle: FileHandle,
  start: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; ) {
    signal.throwIfAborted()
    // A new one each time: whoever takes the chunk may keep it.
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, length - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start + at)
    if (bytesRead === 0) throw new ZipFault('damaged')
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
