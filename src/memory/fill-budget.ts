import type { Memory } from '../core/recall.ts'
import type { RankedMemory } from './rank.ts'

/**
 * The best memories that fit into the budget together, in the order in which they were said: a person's
 * earlier words must not seem to come after their later ones. One that is too long for what is left is
 * passed over, and shorter ones behind it still have their chance. `countTokens`: of one memory as the prompt
 * will show it.
 */
export function fillBudget(
  ranked: readonly RankedMemory[],
  budgetTokens: number,
  countTokens: (memory: Memory) => number,
): readonly Memory[] {
  const taken: Memory[] = []
  let left = budgetTokens
  for (const { memory } of ranked) {
    const tokens = countTokens(memory)
    if (tokens > left) continue
    taken.push(memory)
    left -= tokens
  }
  return taken.sort((a, b) => a.saidAtMs - b.saidAtMs || a.position - b.position)
}
