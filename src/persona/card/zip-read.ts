import { crc32, inflateRawSync } from 'node:zlib'
import { cardFault } from './fault.ts'

export interface Zip {
  readonly names: readonly string[]
  /** Throws `HearthError` where the entry is damaged or longer than `mostBytes`; undefined where there is none. */
  read(name: string, mostBytes: number): Uint8Array | undefined
}

interface Entry {
  readonly method: number
  readonly crc: number
  readonly packedBytes: number
  readonly bytes: number
  readonly at: number
}

const endBytes = 22
const commentMostBytes = 0xffff
const directoryEntryBytes = 46
const headerBytes = 30
const mostEntries = 10_000
const stored = 0
const deflated = 8

const broken = (what: string) => cardFault(`the archive is damaged or hostile: ${what}`)

/** True for a zip, also behind something else: some programs put a picture before it. */
export const isZip = (bytes: Uint8Array): boolean => endOf(asBuffer(bytes)) !== -1

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function endOf(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - endBytes - commentMostBytes)
  const at = bytes.subarray(from).lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  return at === -1 || from + at + endBytes > bytes.length ? -1 : from + at
}

/**
 * Reads the directory of a zip in memory; nothing is unpacked before it is asked for. Every number in it may
 * be a lie. Throws `HearthError` for what is damaged, in several parts, or names a place outside of it.
 */
export function readZip(file: Uint8Array): Zip {
  const bytes = asBuffer(file)
  const end = endOf(bytes)
  if (end === -1) throw broken('it has no end')
  const length = bytes.readUInt32LE(end + 12)
  const start = end - length
  if (bytes.readUInt16LE(end + 4) !== 0) throw broken('it is one of several parts')
  if (start < 0) throw broken('its directory lies outside of it')
  // What stands before the archive moves everything in it.
  const shift = start - bytes.readUInt32LE(end + 16)
  if (shift < 0) throw broken('its directory lies outside of it')
  const entries = new Map<string, Entry>()
  for (let at = start; at + directoryEntryBytes <= end; ) {
    if (bytes.toString('latin1', at, at + 4) !== 'PK\x01\x02') throw broken('its directory is torn')
    if (entries.size === mostEntries) throw broken(`it has more than ${mostEntries} files`)
    const nameEnd = at + directoryEntryBytes + bytes.readUInt16LE(at + 28)
    if (nameEnd > end) throw broken('its directory is torn')
    const name = bytes.toString('utf8', at + directoryEntryBytes, nameEnd)
    if (leadsOut(name)) throw broken('a file in it names a place outside of it')
    // Two entries of one name: readers disagree on which one counts, which is a way to hide one.
    if (entries.has(name)) throw broken('a file is in it twice')
    entries.set(name, entryAt(bytes, at, shift))
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return {
    names: [...entries.keys()],
    read(name, mostBytes) {
      const entry = entries.get(name)
      return entry && unpack(bytes, entry, mostBytes)
    },
  }
}

function entryAt(bytes: Buffer, at: number, shift: number): Entry {
  if ((bytes.readUInt16LE(at + 8) & 1) !== 0) {
    throw cardFault('the archive is locked with a password', 'Save it anew without one.')
  }
  return {
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packedBytes: bytes.readUInt32LE(at + 20),
    bytes: bytes.readUInt32LE(at + 24),
    at: bytes.readUInt32LE(at + 42) + shift,
  }
}

function leadsOut(name: string): boolean {
  return /^[/\\]|^[A-Za-z]:|\0/.test(name) || name.split(/[/\\]/).includes('..')
}

function unpack(bytes: Buffer, entry: Entry, mostBytes: number): Uint8Array {
  if (entry.bytes > mostBytes) {
    throw cardFault(
      `a file in the archive has ${entry.bytes.toLocaleString('en')} bytes, and ${mostBytes.toLocaleString('en')} is the most`,
      'Take out what is too large.',
    )
  }
  const { at, method } = entry
  if (at + headerBytes > bytes.length || bytes.toString('latin1', at, at + 4) !== 'PK\x03\x04') {
    throw broken('a file in it has no header')
  }
  const start = at + headerBytes + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  const packed = bytes.subarray(start, start + entry.packedBytes)
  if (packed.length !== entry.packedBytes) throw broken('a file in it is cut off')
  if (method !== stored && method !== deflated) throw broken('a file in it is packed in an unknown way')
  const content = method === stored ? packed : inflated(packed, entry.bytes)
  if (content.length !== entry.bytes) throw broken('a file in it is not as long as it says')
  if (crc32(content) !== entry.crc) throw broken('the checksum of a file in it is wrong')
  return content
}

function inflated(packed: Uint8Array, bytes: number): Uint8Array {
  try {
    // The declared size is within the caller's bound; what goes on after it is a bomb.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) })
  } catch {
    throw broken('a file in it cannot be unpacked, or is longer than it says')
  }
}
