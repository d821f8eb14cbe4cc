import { diceFor } from '../../core/dice.ts'
import {
  type ActiveEntry,
  isAtBeginning,
  type Lore,
  type Lorebook,
  type LoreGates,
  type LoreState,
  type MissedEntry,
} from '../../core/lore.ts'
import { fitting, type Sized } from './budget.ts'
import type { Candidate, Match } from './candidate.ts'
import { oneOfEachGroup } from './groups.ts'
import { createScan, type Scan, type ScanTexts } from './scan.ts'
import { standsAlways } from './standing.ts'
import { remembered, timingOf } from './timed.ts'

export interface LoreInput extends Omit<ScanTexts, 'expandKey'> {
  /** Of two entries that are equal in everything, that of the earlier book comes first. */
  readonly books: readonly Lorebook[]
  /** Of the whole conversation, also where `messages` has its end alone. */
  readonly messageCount: number
  /** How many of them are the persona's own. */
  readonly replyCount: number
  /** With which greeting the conversation began: 0 is the first. */
  readonly greeting?: number
  /** The name of the picture that the person goes by. */
  readonly userIcon?: string
  readonly state: LoreState
  /** The same seed gives the same entries: one for each turn. */
  readonly seed: string
  readonly budgetTokens: number
  readonly countTokens: (text: string) => number
  /**
   * Fills the macros of an entry: what the model reads, and what other entries' keys are searched in. What is
   * `fixed` must be the same in every turn.
   */
  readonly expand: (text: string, fixed: boolean) => { readonly sent: string; readonly searched: string }
  /** Which of the entries that may be found by meaning are near to what was said, by `<book>/<entry>`. */
  readonly near?: ReadonlySet<string>
}

/** Rounds in which entries bring entries. Each round searches everything again. */
const mostRounds = 10

/**
 * Which lorebook entries what was said brings in, with their places. Pure: the same input gives the same output.
 *
 * The messages bring entries by their keys; where a book allows it, their contents bring others, round by round,
 * until nothing new comes or the budget is full. Of each group one is chosen, and chance has its say, as soon as
 * something matches, so that what lost brings no others.
 */
export function activate(input: LoreInput): Lore {
  const open = new Set(candidatesIn(input))
  const won: Sized[] = []
  const missed: MissedEntry[] = []
  const texts = new Map<Candidate, { readonly sent: string; readonly searched: string }>()
  const brought: string[] = []
  const taken = new Set<string>()
  const said = new Set<string>()
  const levels = levelsIn(open)
  let level = levels.shift() ?? 0
  const scanTexts = { ...input, expandKey: (text: string) => input.expand(text, false).sent }
  for (let round = 0; round <= mostRounds; round++) {
    const scan = createScan(scanTexts, brought)
    const matches = [...open].flatMap((each): readonly Match[] => matchOf(each, scan, input, round, level))
    for (const { candidate } of matches) open.delete(candidate)
    const chosen = oneOfEachGroup(matches, taken, input.seed)
    for (const match of matches) if (!chosen.includes(match)) missed.push(told(match.candidate, 'group'))
    const before = brought.length
    for (const match of standingFirst(chosen)) {
      const { candidate } = match
      if (!isLucky(candidate, input.seed)) {
        missed.push(told(candidate, 'chance'))
        continue
      }
      const { content, place } = candidate.entry
      const text = input.expand(content, candidate.standing && isAtBeginning(place))
      // A book that lies in the card and beside it says everything twice.
      if (said.has(text.sent)) continue
      if (text.sent !== '') said.add(text.sent)
      texts.set(candidate, text)
      for (const group of candidate.entry.groups) taken.add(group)
      won.push({ match, tokens: text.sent.trim() === '' ? 0 : input.countTokens(text.sent) })
      if (candidate.book.recursive === true && !candidate.entry.bringsNone) brought.push(text.searched)
    }
    if (won.reduce((sum, { tokens }) => sum + tokens, 0) > input.budgetTokens) break
    if (brought.length === before) {
      const next = levels.shift()
      if (next === undefined) break
      level = next
    }
  }
  const kept = new Set(fitting(won, input.budgetTokens))
  for (const each of won) if (!kept.has(each)) missed.push(told(each.match.candidate, 'budget'))
  const inOrder = [...kept].sort(
    ({ match: { candidate: a } }, { match: { candidate: b } }) =>
      a.entry.order - b.entry.order || a.index - b.index,
  )
  return {
    entries: inOrder.flatMap(({ match: { candidate } }): readonly ActiveEntry[] => {
      const text = (texts.get(candidate)?.sent ?? '').trim()
      const { key, entry, standing } = candidate
      return text === '' ? [] : [{ key, name: entry.name, text, place: entry.place, standing }]
    }),
    missed,
    hides: [...new Set(inOrder.flatMap(({ match }) => match.candidate.entry.gates.hides))],
    state: stateAfter(input, new Set(inOrder.map(({ match }) => match.candidate.key))),
  }
}

/** What stands in every prompt must not go because something else says the same this time. */
const standingFirst = (matches: readonly Match[]): readonly Match[] => [
  ...matches.filter(({ candidate }) => candidate.standing),
  ...matches.filter(({ candidate }) => !candidate.standing),
]

const told = ({ key, entry }: Candidate, why: MissedEntry['why']) => ({
  key,
  name: entry.name,
  why,
})

function all({ books, state, messageCount }: LoreInput): readonly Candidate[] {
  let index = 0
  return books.flatMap((book) =>
    book.entries.map((entry): Candidate => {
      const key = `${book.id}/${entry.id}`
      const timing = timingOf(entry, key, state, messageCount)
      return { key, book, entry, index: index++, timing, standing: standsAlways(entry) }
    }),
  )
}

/** Without those that nothing can bring in this turn. */
function candidatesIn(input: LoreInput): readonly Candidate[] {
  return all(input).filter(({ entry, timing }) => {
    const { gates } = entry
    return (
      entry.enabled &&
      (entry.content.trim() !== '' || gates.hides.length > 0) &&
      (gates.always || (timing !== 'blocked' && !gates.never && isOpen(gates, input)))
    )
  })
}

/** What is not known of the conversation is not asked. */
function isOpen(gates: LoreGates, { replyCount, greeting, userIcon }: LoreInput): boolean {
  return (
    replyCount >= (gates.onlyAfter ?? 0) &&
    replyCount % (gates.onlyEvery ?? 1) === 0 &&
    agree(gates.greeting, greeting) &&
    agree(gates.userIcon, userIcon)
  )
}

const agree = (asked: unknown, is: unknown): boolean =>
  asked === undefined || is === undefined || asked === is

/** Every distinct round that an entry waits for, in order: the first is open from the first round of bringing on. */
const levelsIn = (open: ReadonlySet<Candidate>): number[] =>
  [...new Set([...open].map(({ entry }) => entry.waitsForRound).filter((level) => level > 0))].sort(
    (a, b) => a - b,
  )

function matchOf(
  candidate: Candidate,
  scan: Scan,
  { near }: LoreInput,
  round: number,
  level: number,
): readonly Match[] {
  const { entry, book, key, timing } = candidate
  const held = timing === 'held'
  if (!held && entry.waitsForRound > (round === 0 ? 0 : level)) return []
  if (!held && round > 0 && (entry.notByOthers || book.recursive !== true)) return []
  if (!entry.gates.always && !scan.allows(candidate)) return []
  const isNear = entry.byMeaning && near?.has(key) === true
  const score = scan.scoreOf(candidate)
  const comes = held || entry.constant || entry.gates.always || isNear || score !== undefined
  return comes ? [{ candidate, score: score ?? 0, round }] : []
}

const isLucky = ({ entry, key, timing }: Candidate, seed: string): boolean =>
  timing === 'held' || diceFor(seed, 'chance', key) * 100 < entry.probability

function stateAfter(input: LoreInput, cameIn: ReadonlySet<string>): LoreState {
  const records = all(input).flatMap(({ key, entry }) => {
    const record = remembered(entry, key, input.state, input.messageCount, cameIn.has(key))
    return record === undefined ? [] : [[key, record] as const]
  })
  return Object.fromEntries(records)
}
