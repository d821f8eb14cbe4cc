import type { Generator } from '../../src/core/model.ts'
import { extract } from '../../src/memory/extract.ts'
import { readReply } from '../../src/memory/extract-parse.ts'
import type { Batch } from '../../src/memory/fact.ts'
import { looseWords } from '../../src/memory/gate-tokens.ts'
import { comparable, languageOfBoth, overlapOf } from '../../src/memory/merge-words.ts'
import type { Claim, Exchange } from '../support/extract-fixture.ts'

interface Found {
  readonly statement: string
  readonly quote: string
}

export interface ModelCount {
  exchanges: number
  gold: number
  /** What the model returned, and how much of it is gold. */
  candidates: number
  rightCandidates: number
  goldInCandidates: number
  /** The same behind the gate. */
  facts: number
  rightFacts: number
  goldInFacts: number
  promptTokens: number
  replyTokens: number
  seconds: number
}

const shareLeast = 0.5

/** In other words it is the same fact: most words, and the same side of yes and no. */
function matches({ statement }: Found, claim: Claim, { messages }: Batch): boolean {
  const speaker = messages[claim.message - 1]?.speaker
  if (speaker === undefined) return false
  const own = new Set(looseWords(speaker.name))
  const language = languageOfBoth(statement, claim.statement, own)
  const a = comparable(statement, own, language)
  const b = comparable(claim.statement, own, language)
  return a.denies === b.denies && a.over === b.over && overlapOf(a, b).share >= shareLeast
}

/** The extractor in use, with a real model: how much of what it says is gold, and how much gold it finds. */
export async function measureModel(
  exchanges: readonly Exchange[],
  generator: Generator,
  contextTokens: number,
  signal: AbortSignal,
): Promise<ModelCount> {
  const count: ModelCount = {
    exchanges: exchanges.length,
    gold: 0,
    candidates: 0,
    rightCandidates: 0,
    goldInCandidates: 0,
    facts: 0,
    rightFacts: 0,
    goldInFacts: 0,
    promptTokens: 0,
    replyTokens: 0,
    seconds: 0,
  }
  for (const { batch, gold } of exchanges) {
    let reply = ''
    const listening: Generator = {
      info: generator.info,
      async *generate(prompt, options, within) {
        for await (const piece of generator.generate(prompt, options, within)) {
          if (piece.kind === 'text') reply += piece.text
          yield piece
        }
      },
    }
    const startedAt = performance.now()
    const options = { contextTokens, stickiness: 'bench', fairness: 'bench' }
    const extraction = await extract(batch, listening, options, signal)
    count.seconds += (performance.now() - startedAt) / 1000
    count.promptTokens += extraction.promptTokens
    count.replyTokens += extraction.replyTokens
    const { candidates } = readReply(reply)
    const right = (found: readonly Found[]) =>
      found.filter((each) => gold.some((claim) => matches(each, claim, batch))).length
    const hit = (found: readonly Found[]) =>
      gold.filter((claim) => found.some((each) => matches(each, claim, batch))).length
    count.gold += gold.length
    count.candidates += candidates.length
    count.rightCandidates += right(candidates)
    count.goldInCandidates += hit(candidates)
    count.facts += extraction.facts.length
    count.rightFacts += right(extraction.facts)
    count.goldInFacts += hit(extraction.facts)
  }
  return count
}
