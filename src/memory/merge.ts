import type { Moment } from '../core/fact.ts'
import { dayAt, dayMoment } from './calendar.ts'
import type { Fact } from './fact.ts'
import { looseWords } from './gate-tokens.ts'
import { type Comparable, comparable, languageOfBoth, overlapOf, sameSlot } from './merge-words.ts'

/** What is known already, as far as it matters here. `validTo`: it has been superseded or has ended. */
export type KnownFact = Pick<
  Fact,
  'statement' | 'about' | 'speaker' | 'kind' | 'saidAt' | 'validFrom' | 'validTo'
>

/** `known`: the place in the list. */
export type Merge =
  /** Unrelated, or nobody can tell: stays a fact of its own. */
  | { readonly verdict: 'new' }
  /** Says no more than the known one: another source for it. */
  | { readonly verdict: 'same'; readonly known: number }
  /** Says all that the known one says, and more: takes its place, with its sources. */
  | { readonly verdict: 'refines'; readonly known: number }
  /** Both cannot hold: the one that was said earlier has ended, at the other's day. */
  | {
      readonly verdict: 'contradicts'
      readonly known: number
      readonly ended: 'known' | 'new'
      readonly validTo: Moment
    }

const correctionMs = 24 * 60 * 60 * 1_000
const correctionOverlapLeast = 0.3
/** "Has a cat" is too little to be refined by "has a cat allergy". */
const wordsLeastToRefine = 2
const wordsMostAdded = 4

/**
 * Where a fact belongs among those known of the same person, by its words alone. Of several that fit, the first
 * that contradicts, then the first that is the same.
 */
export function merge(fact: Fact, known: readonly KnownFact[]): Merge {
  const verdicts = known.map((other, at) => compare(fact, other, at))
  return (
    (fact.corrects ? corrected(fact, known) : undefined) ??
    verdicts.find(({ verdict }) => verdict === 'contradicts') ??
    verdicts.find(({ verdict }) => verdict === 'same') ??
    verdicts.find(({ verdict }) => verdict === 'refines') ?? { verdict: 'new' }
  )
}

function compare(fact: Fact, other: KnownFact, at: number): Merge {
  if (!isOfTheSame(fact, other) || other.validTo !== undefined) return { verdict: 'new' }
  const [words, theirs] = bothOf(fact, other)
  const { onlyA, onlyB, share } = overlapOf(words, theirs)
  const covered = onlyA === 0 || onlyB === 0
  if (words.denies !== theirs.denies || words.over !== theirs.over) {
    return covered && share > 0 ? contradiction(fact, other, at) : { verdict: 'new' }
  }
  if (words.moments !== theirs.moments && fact.validFrom !== other.validFrom && fact.validFrom !== undefined)
    return { verdict: 'new' }
  if (onlyA === 0 && share > 0) return { verdict: 'same', known: at }
  const mayRefine =
    theirs.words.length >= wordsLeastToRefine && onlyA <= wordsMostAdded && fact.kind !== 'event'
  if (onlyB === 0) return mayRefine ? { verdict: 'refines', known: at } : { verdict: 'new' }
  if (!words.denies && !words.over && sameSlot(words, theirs)) return contradiction(fact, other, at)
  return { verdict: 'new' }
}

/** Known facts may come without the name of the one who said them: it is that of the new one. */
function bothOf(a: KnownFact, b: KnownFact): readonly [Comparable, Comparable] {
  const own = new Set([...looseWords(a.speaker.name), ...looseWords(b.speaker.name)])
  const language = languageOfBoth(a.statement, b.statement, own)
  return [comparable(a.statement, own, language), comparable(b.statement, own, language)]
}

function isOfTheSame(a: KnownFact, b: KnownFact): boolean {
  if (a.about.kind !== b.about.kind || !isOfTheSameSpeaker(a, b)) return false
  return (
    a.about.kind !== 'other' ||
    b.about.kind !== 'other' ||
    a.about.name.toLowerCase() === b.about.name.toLowerCase()
  )
}

function isOfTheSameSpeaker({ speaker: a }: KnownFact, { speaker: b }: KnownFact): boolean {
  return a.kind === 'participant' && b.kind === 'participant' ? a.id === b.id : a.kind === b.kind
}

function contradiction(fact: Fact, other: KnownFact, known: number): Merge {
  const ended = fact.saidAt < other.saidAt ? 'new' : 'known'
  const later = ended === 'new' ? other : fact
  return { verdict: 'contradicts', known, ended, validTo: dayMoment(dayAt(later.saidAt, 'UTC')) }
}

/** "No, I meant my brother": of what was said shortly before, what is most like it was wrong. */
function corrected(fact: Fact, known: readonly KnownFact[]): Merge | undefined {
  const ranked = known
    .map((other, at) => ({ other, at, share: overlapOf(...bothOf(fact, other)).share }))
    .filter(({ other, share }) => {
      const before = fact.saidAt.getTime() - other.saidAt.getTime()
      const open = other.validTo === undefined && isOfTheSameSpeaker(fact, other)
      return open && before > 0 && before <= correctionMs && share >= correctionOverlapLeast && share < 1
    })
    .toSorted((a, b) => b.share - a.share)
  const best = ranked[0]
  return best === undefined ? undefined : contradiction(fact, best.other, best.at)
}
