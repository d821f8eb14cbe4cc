/**
 * Who goes first, where not all can go:
 *
 * first:   what somebody waits for who sees nothing yet.
 * needed:  a reply that is whole, and whatever people do or ask for.
 * growing: a reply that is being written, and is shown again in a moment.
 * patient: what was missed in an absence.
 * idle:    typing, and buttons that nobody needs any more: only while there is little to do.
 */
export type Rank = 'first' | 'needed' | 'growing' | 'patient' | 'idle'

export const ranks: readonly Rank[] = ['first', 'needed', 'growing', 'patient', 'idle']

/** How much of what Discord allows is theirs: the rest stays free for those before them. */
const parts: Readonly<Record<Rank, number>> = { first: 1, needed: 1, growing: 0.8, patient: 0.8, idle: 0.2 }

/** Who has waited longer is overdue. Two hundred first texts at once are through in some four seconds. */
const patienceMs: Partial<Readonly<Record<Rank, number>>> = {
  needed: 5_000,
  growing: 10_000,
  patient: 30_000,
}
/** So much of everything is for those who are overdue, whatever comes before them: one request in so many. */
const overdueEvery = 4

export interface Next {
  readonly rank: Rank
  /** How much of what Discord allows may be in use before it goes. */
  readonly part: number
}

/**
 * Whose turn it is. `waitedMs`: how long the first in each line has waited; `turn`: how many have gone before.
 * Undefined where nobody waits.
 */
export function nextOf(waitedMs: Partial<Readonly<Record<Rank, number>>>, turn: number): Next | undefined {
  const overdue = turn % overdueEvery === 0 ? mostOverdue(waitedMs) : undefined
  if (overdue !== undefined) return { rank: overdue, part: 1 }
  const rank = ranks.find((each) => waitedMs[each] !== undefined)
  return rank && { rank, part: parts[rank] }
}

function mostOverdue(waitedMs: Partial<Readonly<Record<Rank, number>>>): Rank | undefined {
  const by = (rank: Rank) => (waitedMs[rank] ?? 0) / (patienceMs[rank] ?? Number.POSITIVE_INFINITY)
  const most = ranks.reduce((one, other) => (by(other) > by(one) ? other : one))
  return by(most) > 1 ? most : undefined
}
