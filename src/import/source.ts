import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { isAbort } from '../core/errors.ts'
import { headBytes } from './detect.ts'
import type { Chunks } from './entry.ts'
import { cannotRead } from './errors.ts'

const chunkBytes = 256 << 10

/** A file that can be read several times, from its beginning each time. */
export interface Source {
  readonly bytes: number
  readonly changedAt: Date
  /** Its beginning, enough to tell what it is. */
  readonly head: Uint8Array
  /** `onRead` is told how many bytes have gone by. */
  read(onRead: (bytes: number) => void, signal: AbortSignal): Chunks
}

/** Throws `HearthError`: `import-unreadable`. */
export async function openSource(file: string): Promise<Source> {
  try {
    await using handle = await open(file, 'r')
    const { size, mtime } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return {
      bytes: size,
      changedAt: mtime,
      head: buffer.subarray(0, bytesRead),
      read: (onRead, signal) => chunksOf(file, onRead, signal),
    }
  } catch (cause) {
    throw cannotRead(file, cause)
  }
}

async function* chunksOf(file: string, onRead: (bytes: number) => void, signal: AbortSignal): Chunks {
  let bytes = 0
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: chunkBytes, signal })
  try {
    for await (const chunk of chunks) {
      yield chunk
      bytes += chunk.length
      onRead(bytes)
    }
  } catch (error) {
    throw isAbort(error) ? error : cannotRead(file, error)
  }
}
