import { crc32, deflateRawSync } from 'node:zlib'

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

export interface ArchiveLies {
  /** How many bytes stand before it in its file. */
  readonly before?: number
  /** Written as archives of more than 4 GB are; where its last record is said to stand, and how many files to be in it. */
  readonly zip64?: { readonly recordAt?: bigint; readonly files?: bigint }
}

export function makeZip(items: readonly ZipItem[], lies: ArchiveLies = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = lies.before ?? 0
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
  end.writeUInt32LE(directoryBytes.length, 12)
  end.writeUInt32LE(offset, 16)
  if (lies.zip64 === undefined) return Buffer.concat([...locals, directoryBytes, end])
  // The number of files and the place of the directory stand in a record of their own, and are void in the last one.
  const large = Buffer.alloc(76)
  large.write('PK\x06\x06', 'latin1')
  large.writeBigUInt64LE(44n, 4)
  large.writeBigUInt64LE(BigInt(items.length), 24)
  large.writeBigUInt64LE(lies.zip64.files ?? BigInt(items.length), 32)
  large.writeBigUInt64LE(BigInt(directoryBytes.length), 40)
  large.writeBigUInt64LE(BigInt(offset), 48)
  large.write('PK\x06\x07', 56, 'latin1')
  large.writeBigUInt64LE(lies.zip64.recordAt ?? BigInt(offset + directoryBytes.length), 64)
  large.writeUInt32LE(1, 72)
  end.fill(0xff, 8, 20)
  return Buffer.concat([...locals, directoryBytes, large, end])
}
