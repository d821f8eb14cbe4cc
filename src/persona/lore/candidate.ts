import type { Lorebook, LoreEntry } from '../../core/lore.ts'
import type { Timing } from './timed.ts'

/** An entry that may come in this turn. */
export interface Candidate {
  /** `<book>/<entry>`. */
  readonly key: string
  readonly book: Lorebook
  readonly entry: LoreEntry
  /** Its place among all entries of all books. */
  readonly index: number
  readonly timing: Timing
  /** Nothing that is said or done in a room changes that it comes in. */
  readonly standing: boolean
}

/** A candidate that something brought in. */
export interface Match {
  readonly candidate: Candidate
  /** How many keys occurred, for groups that let the best one win. */
  readonly score: number
  /** 0: the messages brought it, else the round in which another entry did. */
  readonly round: number
}
