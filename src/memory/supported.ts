const numbers = /\p{N}[\p{N}.,:]*\p{N}|\p{N}/gu
/** A word that begins with a capital letter in the midst of a sentence. */
const names = /(?<=[^.!?\s"“„«]\s+["“„«]?)\p{Lu}[\p{L}\p{M}'’-]+/gu
/** Of all words. German writes every noun with a capital letter: there it says nothing. */
const namesShareMost = 0.12

/**
 * Takes out the sentences of a gist that tell a number, or name somebody or some place, that does not occur in
 * what it was made of: a small model makes those up.
 */
export function keepSupported(gist: string, sources: readonly string[]): string {
  const source = sources.join('\n')
  const known = source.toLowerCase()
  const words = source.match(/\p{L}+/gu)?.length ?? 0
  const telling = (source.match(names)?.length ?? 0) <= words * namesShareMost ? [numbers, names] : [numbers]
  return gist
    .split(/(?<=[.!?])\s+/)
    .filter((sentence) =>
      telling.every((pattern) => (sentence.match(pattern) ?? []).every((mark) => known.includes(stem(mark)))),
    )
    .join(' ')
}

/** Models decline names: their beginning is enough. */
function stem(mark: string): string {
  const word = mark.toLowerCase().replace(/['’]s?$/, '')
  return /^\p{N}/u.test(word) || word.length <= 4 ? word : word.slice(0, Math.max(4, word.length - 3))
}
