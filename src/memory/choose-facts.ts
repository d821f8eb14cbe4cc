import type { KnownFact } from '../core/fact.ts'
import { tokenise } from './tokens.ts'

/** What would hurt to be forgotten is worth as much as a rare word of the question. */
const worthOfImportance = 0.6

/** A fact is the same object from reply to reply, as long as nothing has changed. */
const tokensBefore = new WeakMap<KnownFact, ReadonlySet<string>>()

function tokensOf(fact: KnownFact): ReadonlySet<string> {
  const tokens = tokensBefore.get(fact) ?? new Set(tokenise(fact.statement))
  tokensBefore.set(fact, tokens)
  return tokens
}

/**
 * The facts that belong into the prompt of a reply to `question`: those that are always to be kept in mind, then
 * those that share most with it, as far as there is room; by their numbers. The importance decides among those
 * that share nothing. `countTokens`: of a statement as the prompt shows it.
 */
export function chooseFacts(
  facts: readonly KnownFact[],
  question: string,
  budgetTokens: number,
  countTokens: (statement: string) => number,
): readonly KnownFact[] {
  const tokens = facts.map(tokensOf)
  const asked = new Set(tokenise(question))
  const rarity = (token: string) =>
    Math.log(1 + facts.length / (1 + tokens.filter((each) => each.has(token)).length))
  const weights = new Map([...asked].map((token) => [token, rarity(token)]))
  const scored = facts.map((fact, index) => {
    const shared = [...weights].reduce(
      (sum, [token, weight]) => (tokens[index]?.has(token) === true ? sum + weight : sum),
      0,
    )
    return { fact, score: shared + worthOfImportance * fact.importance }
  })
  const inOrder = scored.toSorted(
    (a, b) =>
      Number(b.fact.pinned) - Number(a.fact.pinned) || b.score - a.score || b.fact.number - a.fact.number,
  )
  const chosen: KnownFact[] = []
  let left = budgetTokens
  for (const { fact } of inOrder) {
    const count = countTokens(fact.statement)
    if (count > left) continue
    chosen.push(fact)
    left -= count
  }
  return chosen.sort((a, b) => a.number - b.number)
}
