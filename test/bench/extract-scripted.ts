import { extract } from '../../src/memory/extract.ts'
import type { Candidate, Fact } from '../../src/memory/fact.ts'
import { type Claim, candidateOf, type Exchange } from '../support/extract-fixture.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { manners } from './extract-junk.ts'

export interface Count {
  given: number
  through: number
}

const options = { contextTokens: 8_192, stickiness: 'bench', fairness: 'bench' }
const { signal } = new AbortController()

/** All the way: as the reply of a model, read, bounded and gated. */
async function through(exchange: Exchange, reply: string): Promise<readonly Fact[]> {
  return (
    await extract(
      exchange.batch,
      scriptedGenerator(() => [reply]),
      options,
      signal,
    )
  ).facts
}

const replyOf = (candidates: readonly Candidate[]): string => JSON.stringify({ facts: candidates })

const isOf = (fact: Fact, { statement, quote }: Claim): boolean =>
  fact.quote.toLowerCase() === quote.toLowerCase().replace(/[.!?]$/, '') &&
  fact.statement.length > 0 &&
  statement.length > 0

export interface Perfect extends Count {
  /** Of those through: marked for the right person, and where the fixture says when, with that time. */
  marked: number
  dated: Count
}

/** An extractor that finds exactly the gold. */
export async function perfect(
  exchanges: readonly Exchange[],
  missed: (claim: Claim) => void,
): Promise<Perfect> {
  const count: Perfect = { given: 0, through: 0, marked: 0, dated: { given: 0, through: 0 } }
  for (const exchange of exchanges) {
    for (const claim of exchange.gold) {
      count.given++
      const fact = (await through(exchange, replyOf([candidateOf(claim)])))[0]
      if (fact === undefined || !isOf(fact, claim)) {
        missed(claim)
        continue
      }
      count.through++
      const whom = fact.about.kind === 'other' ? fact.about.name : undefined
      if (whom === claim.whom) count.marked++
      if (claim.when === undefined) continue
      count.dated.given++
      const when = `${fact.validFrom ?? ''}${fact.validTo === undefined ? '' : `..${fact.validTo}`}`
      if (when === claim.when) count.dated.through++
    }
  }
  return count
}

/** An extractor that returns nothing but junk, one manner after the other. */
export async function junk(
  exchanges: readonly Exchange[],
  all: readonly Exchange[],
  leaked: (manner: string, exchange: Exchange, candidate: Candidate) => void,
): Promise<ReadonlyMap<string, Count>> {
  const counts = new Map<string, Count>()
  for (const { name, make } of manners) {
    const count = { given: 0, through: 0 }
    counts.set(name, count)
    for (const exchange of exchanges) {
      for (const candidate of make(exchange, all)) {
        count.given++
        if ((await through(exchange, replyOf([candidate]))).length === 0) continue
        count.through++
        leaked(name, exchange, candidate)
      }
    }
  }
  counts.set('huge, broken and repeated', await flood(exchanges))
  return counts
}

/** Counts what comes through beyond the gold that is in it. */
async function flood(exchanges: readonly Exchange[]): Promise<Count> {
  const count = { given: 0, through: 0 }
  for (const exchange of exchanges) {
    const gold = exchange.gold.map(candidateOf)
    const most = (await through(exchange, replyOf(gold))).length
    const repeated = Array.from({ length: 50 }, () => gold).flat()
    const long = gold.map((candidate) => ({
      ...candidate,
      statement: `${candidate.statement} and so on`.repeat(500),
    }))
    const replies = [
      replyOf(repeated),
      replyOf(long),
      replyOf(repeated).slice(0, -7),
      '{"facts": [{"message": 1,'.repeat(2_000),
    ]
    for (const reply of replies) {
      count.given++
      if ((await through(exchange, reply)).length > most) count.through++
    }
  }
  return count
}
