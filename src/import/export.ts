import { detectFormat, isZip } from './detect.ts'
import type { Entry } from './entry.ts'
import { openSource } from './source.ts'
import type { Hints } from './who.ts'
import { openZipExport } from './zip-export.ts'

/** What another program has written, in one file or in several within a zip. */
export interface Export extends AsyncDisposable {
  /** For people: `a chat of SillyTavern`. */
  readonly name: string
  /** Of all that is read. */
  readonly bytes: number
  readonly changedAt: Date
  /** What is still to be told of who is who. */
  readonly hints: Hints
  /** Everything, from the beginning each time. `onRead` is told how many bytes have gone by. */
  read(onRead: (bytes: number) => void, signal: AbortSignal): AsyncIterable<Entry>
}

/**
 * Finds out what a file is; reads no more than it needs for that. Throws `HearthError` (`import-…`), and what the
 * aborted signal throws.
 */
export async function openExport(file: string, hints: Hints, signal: AbortSignal): Promise<Export> {
  const source = await openSource(file)
  if (isZip(source.head)) return await openZipExport(file, hints, signal)
  const format = detectFormat(source.head)
  return {
    name: format.name,
    bytes: source.bytes,
    changedAt: source.changedAt,
    hints,
    read: (onRead, reading) => format.read(source.read(onRead, reading)),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
