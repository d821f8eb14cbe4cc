import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

/*
 * magic, length of the header (4 bytes), header (JSON), and then chunks: length (4 bytes), ciphertext, tag. Each chunk
 * is sealed under its number and whether it is the last one, with the hash of the header beside it, so that none can
 * be changed, moved, taken out or cut off (as in STREAM by Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
 */

const magic = Buffer.from('hearth-backup-1\n')
const algorithm = 'aes-256-gcm'
const tagBytes = 16
const chunkBytes = 1 << 20
const mostHeaderBytes = 1 << 20

/** What is wrong with a file of this kind; `foreign`: it is none. */
export type SealFault = 'foreign' | 'damaged'

export class SealedFileFault extends Error {
  readonly fault: SealFault

  constructor(fault: SealFault) {
    super(`The sealed file cannot be read: ${fault}.`)
    this.fault = fault
  }
}

/** Twelve bytes. Each file has a key of its own, so that a number is never used twice under one key. */
function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt8(last ? 1 : 0, 0)
  nonce.writeUIntBE(number, 6, 6)
  return nonce
}

const lengthOf = (bytes: number): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}

/** Seals what comes, in chunks of its own size. `key`: 32 bytes, for this file alone. */
export async function* sealStream(
  header: object,
  key: Uint8Array,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const text = Buffer.from(JSON.stringify(header))
  const associated = createHash('sha256').update(text).digest()
  yield Buffer.concat([magic, lengthOf(text.length), text])
  let number = 0
  const seal = (plain: Buffer, last: boolean): Buffer => {
    const cipher = createCipheriv(algorithm, key, nonceOf(number++, last), { authTagLength: tagBytes })
    cipher.setAAD(associated)
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    return Buffer.concat([lengthOf(sealed.length), sealed])
  }
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const piece of content) {
    waiting.push(Buffer.from(piece))
    bytes += piece.length
    if (bytes < chunkBytes) continue
    let all = Buffer.concat(waiting)
    for (; all.length > chunkBytes; all = all.subarray(chunkBytes))
      yield seal(all.subarray(0, chunkBytes), false)
    waiting = [all]
    bytes = all.length
  }
  yield seal(Buffer.concat(waiting), true)
}

export interface SealedFile extends AsyncDisposable {
  /** As it stands there: nothing has proved yet that it is genuine. */
  readonly header: unknown
  /** Throws `SealedFileFault` at the first chunk that is not genuine, and where the end is missing. */
  open(key: Uint8Array): AsyncGenerator<Buffer>
}

/** Throws `SealedFileFault`, and what the file system throws. */
export async function openSealedFile(path: string): Promise<SealedFile> {
  const file = await open(path, 'r')
  try {
    const start = await readExactly(file, magic.length + 4, 'foreign')
    if (!start.subarray(0, magic.length).equals(magic)) throw new SealedFileFault('foreign')
    const headerBytes = start.readUInt32BE(magic.length)
    if (headerBytes > mostHeaderBytes) throw new SealedFileFault('damaged')
    const text = await readExactly(file, headerBytes, 'damaged')
    return {
      header: parsed(text.toString('utf8')),
      open: (key) => openChunks(file, createHash('sha256').update(text).digest(), key),
      [Symbol.asyncDispose]: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SealedFileFault('damaged')
  }
}

async function* openChunks(file: FileHandle, associated: Buffer, key: Uint8Array): AsyncGenerator<Buffer> {
  let length = (await readExactly(file, 4, 'damaged')).readUInt32BE()
  for (let number = 0; ; number++) {
    if (length < tagBytes || length > chunkBytes + tagBytes) throw new SealedFileFault('damaged')
    const sealed = await readExactly(file, length, 'damaged')
    const next = await readUpTo(file, 4)
    const last = next.length === 0
    if (!last && next.length < 4) throw new SealedFileFault('damaged')
    const decipher = createDecipheriv(algorithm, key, nonceOf(number, last), { authTagLength: tagBytes })
    decipher.setAAD(associated)
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    const plain = decipher.update(sealed.subarray(0, -tagBytes))
    try {
      decipher.final()
    } catch {
      throw new SealedFileFault('damaged')
    }
    yield plain
    if (last) return
    length = next.readUInt32BE()
  }
}

async function readUpTo(file: FileHandle, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  let at = 0
  while (at < bytes) {
    const { bytesRead } = await file.read(buffer, at, bytes - at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return buffer.subarray(0, at)
}

async function readExactly(file: FileHandle, bytes: number, otherwise: SealFault): Promise<Buffer> {
  const read = await readUpTo(file, bytes)
  if (read.length < bytes) throw new SealedFileFault(otherwise)
  return read
}
