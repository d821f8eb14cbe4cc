/** A text made comparable, with the way back to what was written. */
export interface NormalText {
  /** Lower case, one kind of quotation mark, apostrophe, dash and white space. */
  readonly text: string
  /** In NFKC. */
  readonly source: string
  /** For each character of `text`, and for its end, its place in `source`. */
  readonly places: readonly number[]
}

const unified: readonly (readonly [RegExp, string])[] = [
  [/[‘’‚‛´`ʼ′]/u, "'"],
  [/[“”„‟«»″‹›]/u, '"'],
  [/[‐‑‒–—―−]/u, '-'],
]

export function normalise(text: string): NormalText {
  const source = text.normalize('NFKC')
  const places: number[] = []
  let normal = ''
  for (let at = 0; at < source.length; ) {
    const char = String.fromCodePoint(source.codePointAt(at) as number)
    const space = /\s/u.test(char)
    const skip = /\p{Cf}/u.test(char) || (space && (normal === '' || /\s$/u.test(normal)))
    if (!skip) {
      // A line's end ends a sentence, so it stays.
      const plain = space
        ? char === '\n'
          ? '\n'
          : ' '
        : (unified.find(([kind]) => kind.test(char))?.[1] ?? char.toLowerCase())
      for (let unit = 0; unit < plain.length; unit++) places.push(at)
      normal += plain
    } else if (char === '\n' && normal.endsWith(' ')) {
      normal = `${normal.slice(0, -1)}\n`
    }
    at += char.length
  }
  places.push(source.length)
  return { text: normal, source, places }
}

const wordChar = /[\p{L}\p{M}\p{N}]/u

export interface Span {
  readonly start: number
  readonly end: number
}

/** At most this many places of a quote are looked at: it may be one word in a long text. */
const occurrencesMost = 8

/** Where the message says these very words, as whole words; empty when it does not. */
export function findQuote(message: NormalText, quote: string): readonly Span[] {
  const flat = message.text.replaceAll('\n', ' ')
  const wanted = normalise(quote)
    .text.replaceAll('\n', ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/[^\p{L}\p{M}\p{N}]+$/u, '')
  const found: Span[] = []
  if (wanted === '') return found
  for (
    let start = flat.indexOf(wanted);
    start >= 0 && found.length < occurrencesMost;
    start = flat.indexOf(wanted, start + 1)
  ) {
    const end = start + wanted.length
    if (!wordChar.test(flat[start - 1] ?? ' ') && !wordChar.test(flat[end] ?? ' ')) found.push({ start, end })
  }
  return found
}

export function verbatim(message: NormalText, { start, end }: Span): string {
  return message.source.slice(message.places[start], message.places[end]).trim()
}

/** Lower case without accents, so that hasty typing is understood. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('ı', 'i')
}
