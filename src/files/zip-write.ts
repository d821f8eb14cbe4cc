import { crc32 } from 'node:zlib'

const versionNeeded = 20
const utf8Names = 0x0800
/** 1 January 1980, the first day of the format: the same content always gives the same bytes. */
const noDate = 0x0021

/** A zip without compression, as CHARX wants it, and as anybody can open it. At most 65,535 files and 4 GiB. */
export function writeZip(files: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const [name, content] of files) {
    const title = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(versionNeeded, 0)
    common.writeUInt16LE(utf8Names, 2)
    common.writeUInt16LE(noDate, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(content.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(title.length, 22)
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, title, content)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    const madeBy = Buffer.from([versionNeeded, 0])
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), madeBy, common, place, title)
    offset += 4 + common.length + title.length + content.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  )
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}
