import type { Match } from './candidate.ts'

export interface Sized {
  readonly match: Match
  readonly tokens: number
}

/**
 * Keeps what fits, and drops the least important first. Goes first: what ignores the budget, then what stands in
 * every prompt, since it must not come and go with what else is said; then the higher priority, then constant and held entries before others, what the messages brought before what entries brought,
 * then the higher order. After one that does not fit nothing less important comes in, save where it is larger than
 * the whole budget: it would close the book for good.
 */
export function fitting(all: readonly Sized[], budgetTokens: number): readonly Sized[] {
  const kept = new Set<Sized>()
  const house: Purse = { whole: budgetTokens, left: budgetTokens, closed: false }
  const books = new Map<string, Purse>()
  for (const each of [...all].sort(byImportance)) {
    const { entry, book } = each.match.candidate
    const whole = book.budgetTokens ?? Number.POSITIVE_INFINITY
    const own = books.get(book.id) ?? { whole, left: whole, closed: false }
    books.set(book.id, own)
    if (!entry.ignoresBudget && ![own, house].every((purse) => hasRoom(purse, each.tokens))) continue
    kept.add(each)
    for (const purse of [own, house]) purse.left -= each.tokens
  }
  return all.filter((each) => kept.has(each))
}

interface Purse {
  readonly whole: number
  left: number
  closed: boolean
}

function hasRoom(purse: Purse, tokens: number): boolean {
  if (tokens > purse.whole) return false
  purse.closed ||= tokens > purse.left
  return !purse.closed
}

function byImportance(a: Sized, b: Sized): number {
  const [x, y] = [a.match.candidate, b.match.candidate]
  return (
    Number(y.entry.ignoresBudget) - Number(x.entry.ignoresBudget) ||
    Number(y.standing) - Number(x.standing) ||
    Number(x.entry.gates.spare) - Number(y.entry.gates.spare) ||
    y.entry.priority - x.entry.priority ||
    Number(isFixed(b.match)) - Number(isFixed(a.match)) ||
    a.match.round - b.match.round ||
    y.entry.order - x.entry.order ||
    x.index - y.index
  )
}

const isFixed = ({ candidate }: Match): boolean => candidate.entry.constant || candidate.timing === 'held'
