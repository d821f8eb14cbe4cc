import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { configUnreadable, configUnusable, errnoOf } from './errors.ts'

/** The longest honest file is a tenth of this. */
const mostBytes = 64 * 1024

/**
 * The text of a configuration file; undefined when there is none. Bounded in memory, and does not
 * wait for the writer of a named pipe. Throws `HearthError` (`config-unreadable`).
 */
export async function readSource(path: string, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted()
  const start = await readStart(path)
  if (start === undefined) return undefined
  if (!start.regular) throw configUnusable(path, 'it is no regular file')
  if (start.bytes.length > mostBytes) throw configUnusable(path, `it is larger than ${mostBytes / 1024} KiB`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(start.bytes)
  } catch {
    throw configUnusable(path, 'it is not UTF-8 text')
  }
}

/** One byte more than allowed, so that too much can be told. */
async function readStart(path: string): Promise<{ regular: boolean; bytes: Uint8Array } | undefined> {
  try {
    await using handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    if (!(await handle.stat()).isFile()) return { regular: false, bytes: new Uint8Array() }
    const buffer = new Uint8Array(mostBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; ) {
      read = (await handle.read(buffer, length, buffer.length - length, null)).bytesRead
      length += read
    }
    return { regular: true, bytes: buffer.subarray(0, length) }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw configUnreadable(path, error)
  }
}
