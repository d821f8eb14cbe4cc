import { diceFor } from '../../core/dice.ts'
import type { Match } from './candidate.ts'

/**
 * Of the entries of one group one comes in: one that is held, else the one of highest order among those that go
 * first, else one by weight. Where an entry of the group asks for it, only those with most keys found take part.
 * `taken`: the groups that have one already.
 */
export function oneOfEachGroup(
  matches: readonly Match[],
  taken: ReadonlySet<string>,
  seed: string,
): readonly Match[] {
  const out = new Set<Match>()
  for (const group of new Set(matches.flatMap(({ candidate }) => candidate.entry.groups))) {
    const members = matches.filter((match) => !out.has(match) && match.candidate.entry.groups.includes(group))
    const winner = taken.has(group) ? undefined : winnerOf(members, group, seed)
    for (const member of members) if (member !== winner) out.add(member)
  }
  return matches.filter((match) => !out.has(match))
}

function winnerOf(members: readonly Match[], group: string, seed: string): Match | undefined {
  const held = members.find(({ candidate }) => candidate.timing === 'held')
  if (held !== undefined) return held
  const best = bestScored(members)
  const first = best.filter(({ candidate }) => candidate.entry.groupFirst)
  if (first.length > 0) {
    return first.reduce((a, b) => (b.candidate.entry.order > a.candidate.entry.order ? b : a))
  }
  const weights = best.map(({ candidate }) => candidate.entry.groupWeight)
  let mark = diceFor(seed, 'group', group) * weights.reduce((sum, weight) => sum + weight, 0)
  return (
    best.find((_, index) => {
      mark -= weights[index] ?? 0
      return mark < 0
    }) ?? best.at(-1)
  )
}

function bestScored(members: readonly Match[]): readonly Match[] {
  if (!members.some(({ candidate }) => candidate.entry.groupScoring)) return members
  const most = Math.max(...members.map(({ score }) => score))
  // Who does not take part in the scoring is not thrown out by it.
  return members.filter(({ score, candidate }) => score === most || !candidate.entry.groupScoring)
}
