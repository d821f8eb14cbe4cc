import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileProblem } from './errors.ts'
import type { PersonaProblem } from './problem.ts'

export type FileReading =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problem: PersonaProblem }

/**
 * Reads at most `mostBytes` bytes. `file` is what the problem calls it, `mend` what helps where it is too big.
 * Bounded in memory, and does not wait for the writer of a named pipe.
 */
export async function readBoundedFile(
  path: string,
  file: string,
  mostBytes: number,
  mend: string,
  signal: AbortSignal,
): Promise<FileReading> {
  const bad = (message: string, what: string): FileReading => ({
    ok: false,
    problem: { file, message, mend: what },
  })
  const tooBig = (size: number) =>
    bad(
      `the file has ${size.toLocaleString('en')} bytes, and ${mostBytes.toLocaleString('en')} is the most`,
      mend,
    )
  try {
    signal.throwIfAborted()
    await using handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const about = await handle.stat()
    if (!about.isFile()) return bad('this is no regular file', 'Put a regular file in its place.')
    if (about.size > mostBytes) return tooBig(about.size)
    // One more than it should have: a file may grow while it is read.
    const bytes = await readAtMost(handle, about.size + 1)
    return bytes.length > about.size
      ? bad('the file changed while it was read', 'Try again when nothing writes to it.')
      : { ok: true, bytes }
  } catch (error) {
    signal.throwIfAborted()
    return { ok: false, problem: fileProblem(error, file) }
  }
}

async function readAtMost(handle: FileHandle, most: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(most)
  let length = 0
  while (length < most) {
    const { bytesRead } = await handle.read(buffer, length, most - length, null)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}
