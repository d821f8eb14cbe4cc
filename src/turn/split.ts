/**
 * Splits a reply into messages that the platform takes, at the best place before the limit: an empty
 * line, a line, a sentence, a word; never inside a surrogate pair. A code block that is cut is closed
 * in the one part and opened again, with its language, in the next.
 *
 * The parts before the last depend only on the text that they hold, so that a reply that grows while
 * it streams does not change the parts that are already shown. No part is blank: platforms refuse those.
 */
export function split(text: string, most: number): readonly string[] {
  const parts: string[] = []
  let rest = text.trimEnd()
  let fence: string | undefined
  for (;;) {
    const opening = fence === undefined ? '' : `${fence}\n`
    if (opening.length + rest.length <= most) {
      parts.push(opening + rest)
      return parts
    }
    // Room for the fence that may have to be closed.
    const room = most - opening.length - closing.length
    const at = breakingPoint(rest, Math.max(room, 1))
    const piece = rest.slice(0, at)
    rest = rest.slice(at).replace(/^\n+/, '')
    if (piece.trim() === '') continue
    const body = opening + piece.trimEnd()
    fence = openFence(body)
    parts.push(fence === undefined ? body : body + closing)
  }
}

const closing = '\n```'

/** The line that opens the code block in which the text ends, if it ends in one. */
function openFence(text: string): string | undefined {
  let open: string | undefined
  for (const line of text.split('\n')) {
    if (!line.startsWith('```')) continue
    open = open === undefined ? line.slice(0, 40) : undefined
  }
  return open
}

const breaks = [/\n\n/g, /\n/g, /[.!?…。！？]["'”’)\]]*\s/g, /\s/g] as const

/** The latest break of the best kind; but a part should not become shorter than a half for its sake. */
function breakingPoint(text: string, most: number): number {
  const window = text.slice(0, most)
  for (const kind of breaks) {
    let end = 0
    for (const match of window.matchAll(kind)) end = match.index + match[0].length
    if (end > most / 2) return end
  }
  const last = text.charCodeAt(most - 1)
  const tearsPair = most > 1 && last >= 0xd800 && last <= 0xdbff
  return tearsPair ? most - 1 : most
}
