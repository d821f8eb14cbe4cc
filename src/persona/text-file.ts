import { readBoundedFile } from './bounded-file.ts'
import type { PersonaProblem } from './problem.ts'

export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: PersonaProblem }

/**
 * Reads UTF-8 text of at most `mostBytes` bytes, without control characters. `file` is what the
 * problem calls it. Bounded in memory, and does not wait for the writer of a named pipe.
 */
export async function readTextFile(
  path: string,
  file: string,
  mostBytes: number,
  signal: AbortSignal,
): Promise<TextReading> {
  const bad = (problem: Omit<PersonaProblem, 'file'>): TextReading => ({
    ok: false,
    problem: { file, ...problem },
  })
  const reading = await readBoundedFile(path, file, mostBytes, 'Shorten the texts.', signal)
  if (!reading.ok) return reading
  const { bytes } = reading
  const broken = brokenLine(bytes)
  if (broken !== undefined) {
    return bad({ line: broken, message: 'this is not UTF-8 text', mend: 'Save the file as UTF-8.' })
  }
  const text = new TextDecoder().decode(bytes)
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.exec(text)
  if (control === null) return { ok: true, text }
  const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return bad({
    line: text.slice(0, control.index).split('\n').length,
    message: `a control character (U+${code}) stands here`,
    mend: 'Take it out; a text editor may show it as a box or not at all.',
  })
}

/** The first line, from 1, that is no UTF-8. A line end is never part of a longer character. */
function brokenLine(bytes: Uint8Array): number | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const isText = (part: Uint8Array): boolean => {
    try {
      decoder.decode(part)
      return true
    } catch {
      return false
    }
  }
  if (isText(bytes)) return undefined
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end
    if (!isText(bytes.subarray(from, to))) break
    from = to + 1
  }
  return line
}
