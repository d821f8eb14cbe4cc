import type { Memory } from '../core/recall.ts'
import { standardise } from './scores.ts'
import { isSameSession } from './surroundings.ts'

/** From so many words on, date and name among them, a memory is long enough to say something. */
const wordsMost = 12

/** What does not depend on the query, in the order of the conversations. */
export interface Sequence {
  /** 1 where a memory is of the same session as the one before. */
  readonly goesOn: Uint8Array
  /** How much a memory says, in deviations. */
  readonly substance: Float32Array
}

export function sequenceOf(
  order: readonly number[],
  memoryAt: (slot: number) => Memory,
  wordsOf: (slot: number) => number,
): Sequence {
  const goesOn = new Uint8Array(order.length)
  const substance = new Float32Array(order.length)
  let before: Memory | undefined
  for (let at = 0; at < order.length; at++) {
    const slot = order[at] as number
    const memory = memoryAt(slot)
    if (before !== undefined && isSameSession(before, memory)) goesOn[at] = 1
    substance[at] = Math.log(1 + Math.min(wordsOf(slot), wordsMost))
    before = memory
  }
  standardise(substance)
  return { goesOn, substance }
}
