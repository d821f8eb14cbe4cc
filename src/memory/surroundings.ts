/** A longer silence begins another session. */
const silenceMs = 60 * 60_000

/** How much of the score of what was said before and after counts for a memory, the nearest first. */
const before = [0.4, 0.2]
const after = [0.2, 0.1]
/** How much of the best score of its session does. */
const ofSession = 1

/** Memories in the order of the conversation. */
export interface Sequence {
  readonly length: number
  /** Whether one stands in the same room as the one before, without a long silence in between. */
  goesOn(at: number): boolean
}

export function sameSession(
  previous: { readonly room: string; readonly saidAtMs: number },
  next: { readonly room: string; readonly saidAtMs: number },
): boolean {
  return previous.room === next.room && Math.abs(next.saidAtMs - previous.saidAtMs) <= silenceMs
}

/**
 * Adds to each score those of its neighbours and of its session: an answer seldom repeats the words of its
 * question. `share` takes all of that back. On LoCoMo this took BM25 from 66 to 76 points.
 */
export function withSurroundings(scores: Float32Array, sequence: Sequence, share: number): Float32Array {
  const out = Float32Array.from(scores)
  for (let start = 0; start < sequence.length; ) {
    let end = start + 1
    while (end < sequence.length && sequence.goesOn(end)) end++
    let best = Number.NEGATIVE_INFINITY
    for (let at = start; at < end; at++) best = Math.max(best, scores[at] as number)
    for (let at = start; at < end; at++) {
      let added = ofSession * best
      for (let step = 0; step < before.length; step++) {
        const back = at - step - 1
        const ahead = at + step + 1
        if (back >= start) added += (before[step] as number) * (scores[back] as number)
        if (ahead < end) added += (after[step] as number) * (scores[ahead] as number)
      }
      out[at] = (scores[at] as number) + share * added
    }
    start = end
  }
  return out
}
