/**
 * Text from people and models is hostile until it has passed here.
 *
 * Removes what no conversation needs and terminals, JSON and Postgres trip over: control characters
 * (C0 and C1, so every ANSI escape loses its head) except newline and tab, and lone surrogates,
 * which become U+FFFD. Carriage returns become newlines.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .toWellFormed()
}

/** The same for a name: one line, trimmed, at most 80 characters, never empty. */
export function cleanName(name: string): string {
  const line = cleanText(name).replace(/\s+/g, ' ').trim()
  return Array.from(line).slice(0, 80).join('').trim() || 'somebody'
}

/** True when nothing is left to read: white space and invisible characters only. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cf}\p{Zs}\u2800\u3164]*$/u.test(text)
}

/** Splits a stream so that a pair of surrogates is never torn: what may go on, and what must wait. */
export function holdBackSurrogate(text: string): { readonly ready: string; readonly held: string } {
  const last = text.charCodeAt(text.length - 1)
  const torn = last >= 0xd800 && last <= 0xdbff
  return torn ? { ready: text.slice(0, -1), held: text.slice(-1) } : { ready: text, held: '' }
}
