/**
 * Splits a reply into messages that the platform takes, at the best place before the limit: an empty
 * line, a line, a sentence, a word; never inside a link or what is read as one character. A code block that is cut is closed
 * in the one part and opened again, with its language, in the next; so is a spoiler (`||…||`).
 *
 * The parts before the last depend only on the text that they hold, so that a reply that grows while
 * it streams does not change the parts that are already shown. No part is blank: platforms refuse those.
 */
export function split(text: string, most: number): readonly string[] {
  const parts: string[] = []
  let rest = text.trimEnd()
  let fence: string | undefined
  let hidden = false
  for (;;) {
    const opening = (hidden ? spoiler : '') + (fence === undefined ? '' : `${fence}\n`)
    if (opening.length + rest.length <= most) {
      parts.push(opening + rest)
      return parts
    }
    // Room for what may have to be closed.
    const mayHide = hidden || rest.slice(0, most).includes(spoiler)
    const room = most - opening.length - closing.length - (mayHide ? spoiler.length : 0)
    const found = breakingPoint(rest, Math.max(room, 1))
    const at = beforeHollowFence(opening, rest.slice(0, found)) ?? found
    const piece = rest.slice(0, at)
    rest = rest.slice(at).replace(/^\n+/, '')
    if (piece.trim() === '') continue
    const body = opening + piece.trimEnd()
    fence = openFence(body)
    hidden = isHidden(body)
    parts.push(body + (fence === undefined ? '' : closing) + (hidden ? spoiler : ''))
  }
}

const closing = '\n```'
const spoiler = '||'
const code = /```[\s\S]*?(?:```|$)|`[^`\n]+`/g

/** Whether the text ends in a spoiler. Strokes with a space behind them begin none: they stand in a condition. */
function isHidden(text: string): boolean {
  let hidden = false
  for (const { 0: strokes } of text.replace(code, '').matchAll(/\|\|\S?/g))
    hidden = !hidden && strokes.length > spoiler.length
  return hidden
}

/** Where a code block begins of which this part would show nothing. */
function beforeHollowFence(opening: string, piece: string): number | undefined {
  const body = piece.trimEnd()
  const at = /```[^\s`]{0,40}$/.exec(body)?.index ?? 0
  const isHollow = body.slice(0, at).trim() !== '' && openFence(opening + body) !== undefined
  return isHollow ? at : undefined
}

/** The line that opens the code block in which the text ends, if it ends in one. */
function openFence(text: string): string | undefined {
  let open: string | undefined
  for (const line of text.split('\n')) {
    const marks = line.split('```').length - 1
    // One that begins and ends in the same line is whole.
    if (marks % 2 === 0) continue
    // A language is one word, with nothing after it: else the code begins in that line.
    open = open === undefined ? (/```[^\s`]{0,40}$/.exec(line.trimEnd())?.[0] ?? '```') : undefined
  }
  return open
}

const breaks = [/\n\n/g, /\n/g, /[.!?…。！？]["'”’)\]]*\s/g, /\s/g] as const
/** `[words](address)`, and what may become one behind the window. */
const link = /\[[^[\]\n]*(?:\]\([^()\s]*(?:\)|$)|\]?$)/g
/** A custom emoji, a mention or a time that has only begun. */
const begunMark = /<[^\s<>]{0,60}$/
const clusters = new Intl.Segmenter()

/**
 * The latest break of the best kind; but a part should not become shorter than a half for its sake, and only
 * to keep a word or a link whole as short as an eighth.
 */
function breakingPoint(text: string, most: number): number {
  const window = text.slice(0, most)
  const linked = window.replace(link, (each) => each.replace(/\s/g, '_'))
  for (const kind of breaks) {
    const end = lastEnd(linked, kind)
    if (end > most / 2) return end
  }
  for (const each of [linked, window]) {
    const end = lastEnd(each, /\s/g)
    if (end > most / 8) return end
  }
  return beforeLastCharacter(window)
}

function lastEnd(text: string, kind: RegExp): number {
  let end = 0
  for (const match of text.matchAll(kind)) end = match.index + match[0].length
  return end
}

/** What is read as one character may go on behind the window. */
function beforeLastCharacter(window: string): number {
  const pairs = window.slice(0, beforeTornPair(window))
  const end = clusters.segment(pairs).containing(pairs.length - 1)?.index || pairs.length
  return begunMark.exec(pairs.slice(0, end))?.index || end
}

function beforeTornPair(window: string): number {
  const { length } = window
  const last = window.charCodeAt(length - 1)
  return length > 1 && last >= 0xd800 && last <= 0xdbff ? length - 1 : length
}
