/** Longer words are no misspelt names, and the comparison costs the product of both lengths. */
const longestWord = 64

/**
 * The candidate that was probably meant by `word`, or undefined when none is near.
 * Case, `-` and `_` do not count, a swap of two neighbours counts as one slip, and about one slip is
 * forgiven for every three letters. The first of equally near candidates wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word)
  if (wanted.length === 0 || wanted.length > longestWord) return undefined
  let best: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const offered = plain(candidate)
    const forgiven = Math.max(1, Math.floor(Math.max(wanted.length, offered.length) / 3))
    // Two short words that share nothing (`up`, `id`) are never slips of each other.
    const most = Math.min(forgiven, Math.min(wanted.length, offered.length) - 1)
    if (Math.abs(wanted.length - offered.length) > forgiven) continue
    const slips = distance(wanted, offered)
    if (slips < fewest && (slips === 0 || slips <= most)) {
      best = candidate
      fewest = slips
    }
  }
  return best
}

function plain(word: string): string {
  return word
    .slice(0, longestWord + 1)
    .toLowerCase()
    .replace(/[-_\s]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(beforeLast, j - 2) + 1)
      }
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY
