import { open } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { sourceError } from './pocket-errors.ts'

/**
 * Reads one entry of a zip archive that comes from somebody else. Every number in it may be a lie, so each
 * is held against the size of the file or the caller's bound before anything is read or allocated by it.
 * Zip64, encryption and archives in parts are refused: the archives that we read have none of them.
 */

type FileHandle = Awaited<ReturnType<typeof open>>

export interface Extraction {
  readonly archive: string
  readonly entry: string
  /** The entry's content may not be longer. */
  readonly maxBytes: number
  readonly target: string
  /** Where in the target its first byte goes; what stands there and after is overwritten. */
  readonly targetOffset: number
}

interface Entry {
  readonly method: number
  readonly crc: number
  readonly compressedBytes: number
  readonly bytes: number
  readonly headerOffset: number
}

const endRecordBytes = 22
const commentMaxBytes = 0xffff
const directoryMaxBytes = 4 << 20
const entryHeaderBytes = 46
const localHeaderBytes = 30
const stored = 0
const deflated = 8

const broken = (what: string) => sourceError(`the archive is damaged or hostile: ${what}`)

/** Writes the entry into the target and returns its length in bytes. Throws `HearthError` (`model`), or what the file system throws. */
export async function extractEntry(extraction: Extraction, signal: AbortSignal): Promise<number> {
  await using file = await open(extraction.archive, 'r')
  const { size } = await file.stat()
  const directory = await readDirectory(file, size)
  const entry = findEntry(directory.bytes, extraction.entry)
  if (entry.bytes > extraction.maxBytes) throw broken('the entry is larger than it should be')
  const start = await dataOffset(file, entry, extraction.entry, directory.offset)
  await copyEntry(file, entry, start, extraction, signal)
  return entry.bytes
}

async function readDirectory(file: FileHandle, size: number): Promise<{ bytes: Buffer; offset: number }> {
  const tailBytes = Math.min(size, endRecordBytes + commentMaxBytes)
  const tail = await readExactly(file, size - tailBytes, tailBytes)
  const at = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (at < 0 || at + endRecordBytes > tail.length) throw broken('it has no end record')
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0)
    throw broken('it is one of several parts')
  const bytes = tail.readUInt32LE(at + 12)
  const offset = tail.readUInt32LE(at + 16)
  if (bytes > directoryMaxBytes) throw broken('its directory is too large')
  if (offset + bytes > size - tailBytes + at) throw broken('its directory lies outside the file')
  return { bytes: await readExactly(file, offset, bytes), offset }
}

function findEntry(directory: Buffer, name: string): Entry {
  const wanted = Buffer.from(name)
  let found: Entry | undefined
  let at = 0
  while (at < directory.length) {
    if (
      at + entryHeaderBytes > directory.length ||
      directory.toString('latin1', at, at + 4) !== 'PK\x01\x02'
    ) {
      throw broken('its directory is torn')
    }
    const nameEnd = at + entryHeaderBytes + directory.readUInt16LE(at + 28)
    if (directory.subarray(at + entryHeaderBytes, nameEnd).equals(wanted)) {
      // Two entries of one name: readers disagree on which one counts, which is a way to hide one.
      if (found !== undefined) throw broken('the entry is there twice')
      found = readEntry(directory, at)
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  if (found === undefined) throw sourceError(`the archive has no ${name}`)
  return found
}

function readEntry(directory: Buffer, at: number): Entry {
  const entry: Entry = {
    method: directory.readUInt16LE(at + 10),
    crc: directory.readUInt32LE(at + 16),
    compressedBytes: directory.readUInt32LE(at + 20),
    bytes: directory.readUInt32LE(at + 24),
    headerOffset: directory.readUInt32LE(at + 42),
  }
  if ((directory.readUInt16LE(at + 8) & 1) !== 0) throw broken('the entry is encrypted')
  if (entry.method !== stored && entry.method !== deflated)
    throw broken('the entry is packed in an unknown way')
  if (entry.method === stored && entry.bytes !== entry.compressedBytes)
    throw broken("the entry's sizes disagree")
  return entry
}

async function dataOffset(
  file: FileHandle,
  entry: Entry,
  name: string,
  directoryOffset: number,
): Promise<number> {
  if (entry.headerOffset + localHeaderBytes > directoryOffset) throw broken('the entry lies outside the file')
  const header = await readExactly(file, entry.headerOffset, localHeaderBytes)
  if (header.toString('latin1', 0, 4) !== 'PK\x03\x04') throw broken('the entry has no header')
  const nameBytes = header.readUInt16LE(26)
  const start = entry.headerOffset + localHeaderBytes + nameBytes + header.readUInt16LE(28)
  if (start + entry.compressedBytes > directoryOffset) throw broken('the entry lies outside the file')
  const localName = await readExactly(file, entry.headerOffset + localHeaderBytes, nameBytes)
  if (!localName.equals(Buffer.from(name))) throw broken('the entry has two names')
  return start
}

async function copyEntry(
  file: FileHandle,
  entry: Entry,
  start: number,
  extraction: Extraction,
  signal: AbortSignal,
): Promise<void> {
  if (entry.compressedBytes === 0) throw broken('the entry is empty')
  let bytes = 0
  let crc = 0
  // The declared size is within the caller's bound; a stream that goes on after it is a bomb.
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      crc = crc32(chunk, crc)
      done(bytes > entry.bytes ? broken('the entry is longer than it says') : null, chunk)
    },
  })
  const target = await open(extraction.target, extraction.targetOffset === 0 ? 'w' : 'r+')
  const output = target.createWriteStream({ start: extraction.targetOffset, flush: true })
  const input = file.createReadStream({ start, end: start + entry.compressedBytes - 1, autoClose: false })
  const stages =
    entry.method === deflated ? [input, createInflateRaw(), check, output] : [input, check, output]
  try {
    await pipeline(stages, { signal })
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw broken('the entry cannot be unpacked')
    }
    throw error
  }
  if (bytes !== entry.bytes) throw broken('the entry is shorter than it says')
  if (crc !== entry.crc) throw broken("the entry's checksum is wrong")
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) throw broken('it is cut off')
    filled += bytesRead
  }
  return buffer
}
