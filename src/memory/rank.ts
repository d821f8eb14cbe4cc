import type { Memory } from '../core/recall.ts'
import type { AudienceIndex, Shown } from './audience-index.ts'
import { normalise } from './quantise.ts'
import { highest, standardise } from './scores.ts'
import { withSurroundings } from './surroundings.ts'
import { tokenise } from './tokens.ts'
import type { VectorTable } from './vector-table.ts'

export interface RankQuery {
  readonly text: string
  /** By the model of the index, as a query. Without it words alone decide. */
  readonly embedding?: Float32Array | undefined
  readonly shown?: Shown | undefined
}

export interface RankedMemory {
  readonly memory: Memory
  /** Compares memories of one query, and says nothing across queries. */
  readonly score: number
}

/**
 * Words are trusted as far as one single memory has them: where the best one has less than `least` of what
 * the query is about, they met by chance, and meaning alone decides; from `most` on they are trusted in full.
 * Questions about something that was said have about 0.6, what merely reminds of it about 0.2.
 */
const coverage = { least: 0.2, most: 0.4 }
const sentenceEnd = /(?<=[.!?:;])\s+|\n/u
/** Of fewer words some memory has most by chance. */
const sentenceWords = 3
/** Among so many of the best by words. */
const coveredAmong = 50
/** How much meaning weighs against words that are trusted in full. */
const meaningBesideWords = 0.7
/** What all memories have in common is taken from the query, half of it where words are trusted. */
const commonBesideWords = 0.5
/** In deviations: "That's great!" is near to much, and says nothing. */
const substanceWeight = 0.4
/** In deviations; a boost and no filter, since others speak about the named one too. */
const namedSpeaker = 0.6

/** The best `most`, best first. */
export function rank(index: AudienceIndex, query: RankQuery, most: number): readonly RankedMemory[] {
  const { vectors } = index
  const searched = index.searched(query.shown)
  const { order } = searched
  if (order.length === 0) return []
  const bySlot = new Float32Array(index.slotCount)
  const whole = index.words.score(tokenise(query.text), order, bySlot)
  const scores = inOrder(bySlot, order)
  const covered = Math.max(whole, coveredBySentence(index, query.text, order, scores))
  const hasMeaning = query.embedding !== undefined && vectors !== undefined && vectors.count > 0
  const trust = hasMeaning ? trustInWords(covered) : 1
  standardise(scores)
  if (hasMeaning) {
    const common = 1 - trust * (1 - commonBesideWords)
    vectors.score(normalise(query.embedding), common, bySlot)
    addMeaning(scores, vectors, order, bySlot, trust)
  }
  const wide = withSurroundings(scores, searched.goesOn, trust)
  standardise(wide)
  addSubstance(wide, searched.substance)
  boostSpeaker(wide, index, order, query.text)
  return highest(wide, most).map((at) => ({
    memory: index.at(order[at] as number),
    score: wide[at] as number,
  }))
}

/** A question at the end of a long message is one about something that was said, too. */
function coveredBySentence(
  index: AudienceIndex,
  text: string,
  order: readonly number[],
  scores: Float32Array,
): number {
  const sentences = text.split(sentenceEnd)
  if (sentences.length === 1) return 0
  const best = highest(scores, coveredAmong).map((at) => order[at] as number)
  const telling = sentences.map(tokenise).filter((tokens) => new Set(tokens).size >= sentenceWords)
  return Math.max(0, ...telling.map((tokens) => index.words.coverage(tokens, best)))
}

function trustInWords(covered: number): number {
  return Math.min(1, Math.max(0, (covered - coverage.least) / (coverage.most - coverage.least)))
}

function inOrder(bySlot: Float32Array, order: readonly number[]): Float32Array {
  const scores = new Float32Array(order.length)
  for (let at = 0; at < order.length; at++) scores[at] = bySlot[order[at] as number] as number
  return scores
}

/** What has no vector yet is taken for average, neither near nor far. */
function addMeaning(
  scores: Float32Array,
  vectors: VectorTable,
  order: readonly number[],
  bySlot: Float32Array,
  trust: number,
): void {
  const meaning = inOrder(bySlot, order)
  let sum = 0
  let count = 0
  for (let at = 0; at < order.length; at++) {
    if (!vectors.has(order[at] as number)) continue
    sum += meaning[at] as number
    count++
  }
  for (let at = 0; at < order.length; at++) {
    if (!vectors.has(order[at] as number)) meaning[at] = sum / (count || 1)
  }
  standardise(meaning)
  const weight = meaningBesideWords + (1 - trust) * (1 - meaningBesideWords)
  for (let at = 0; at < scores.length; at++) {
    scores[at] = trust * (scores[at] as number) + weight * (meaning[at] as number)
  }
}

function addSubstance(scores: Float32Array, substance: Float32Array): void {
  for (let at = 0; at < scores.length; at++) {
    scores[at] = (scores[at] as number) + substanceWeight * (substance[at] as number)
  }
}

const nameLeast = 3
const nameWord = /[\p{L}\p{N}\p{M}]+/gu

/** Where the query names one of those who speak here, and no other one. */
function boostSpeaker(
  scores: Float32Array,
  index: AudienceIndex,
  order: readonly number[],
  text: string,
): void {
  const said = new Set(text.toLowerCase().match(nameWord))
  const named = [...index.speakers].filter((speaker) =>
    (speaker.toLowerCase().match(nameWord) ?? []).some((part) => part.length >= nameLeast && said.has(part)),
  )
  const [speaker] = named
  if (named.length !== 1 || speaker === undefined) return
  for (let at = 0; at < scores.length; at++) {
    if (index.at(order[at] as number).speaker === speaker) {
      scores[at] = (scores[at] as number) + namedSpeaker
    }
  }
}
