/** When what is kept opened was read from the database, by `performance.now()`. */
export interface Aged {
  readonly readAtMs: number
}

/** Bounds how long this process still knows what was forgotten, or what another process has erased, as with data keys. */
const keptMostMs = 10 * 60_000
export const sweepEveryMs = 60_000

export const isTooOld = ({ readAtMs }: Aged, nowMs: number): boolean => nowMs - readAtMs > keptMostMs

/** Whether it would be too old before the next sweep. */
export const isDue = (kept: Aged, nowMs: number): boolean => isTooOld(kept, nowMs + sweepEveryMs)
