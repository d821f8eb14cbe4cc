import { LruMap } from '../core/lru-map.ts'
import { cleanText, isBlank } from '../core/text.ts'
import type { Entry, Reason } from './entry.ts'
import { digest } from './fields.ts'
import type { Survey } from './survey.ts'
import type { Cast } from './who.ts'

/** Longer is no message, but a document that was pasted into one. */
const textMostChars = 200_000
/** What is longer is no id; the store takes up to 1,024 characters. */
const idMostChars = 200
/** A line that is there twice stands near its twin; what is further away is found by the store. */
const duplicatesKept = 10_000

/** A message that is to be taken in. */
export interface Chosen {
  readonly conversation: string
  readonly id: string
  readonly from: 'person' | 'persona'
  readonly at: Date
  readonly text: string
}

/** What came of everything that stands in the file. */
export interface Tally {
  person: number
  persona: number
  /** Messages whose date was missing, and had to be that of their neighbours. */
  undated: number
  from: Date | undefined
  until: Date | undefined
  readonly leftOut: Map<Reason, number>
}

export const newTally = (): Tally => ({
  person: 0,
  persona: 0,
  undated: 0,
  from: undefined,
  until: undefined,
  leftOut: new Map(),
})

/** The messages of person and persona, in the file's order, counted as they go by. `fallback`: where there is no date at all. */
export async function* select(
  entries: AsyncIterable<Entry>,
  found: Survey,
  cast: Cast,
  fallback: Date,
  tally: Tally,
): AsyncGenerator<Chosen> {
  const seen = new LruMap<string, true>(duplicatesKept)
  let before: { readonly conversation: string; readonly at: Date } | undefined

  const judge = (
    entry: Extract<Entry, { kind: 'said' }>,
  ): Reason | { readonly from: Chosen['from']; readonly text: string } => {
    const { id, speaker, conversation } = entry
    const from = cast.person.has(speaker.id) ? 'person' : cast.persona.has(speaker.id) ? 'persona' : undefined
    if (from === undefined) return 'somebody-else'
    if (found.deleted.has(id)) return 'deleted'
    const key = digest(conversation, id)
    if (seen.get(key)) return 'duplicate'
    seen.set(key, true)
    const edit = found.edits.get(id)
    const words = edit?.speaker === speaker.id ? edit.text : entry.text
    if (words.length > textMostChars) return 'too-long'
    const text = cleanText(words)
    return isBlank(text) ? 'empty' : { from, text }
  }

  for await (const entry of entries) {
    if (entry.kind === 'left-out') count(tally, entry.reason)
    if (entry.kind !== 'said') continue
    const { conversation } = entry
    const verdict = judge(entry)
    if (typeof verdict === 'string') {
      count(tally, verdict)
      continue
    }
    if (entry.at === undefined) tally.undated++
    const neighbour = before?.conversation === conversation ? before.at : found.begun.get(conversation)
    const at = entry.at ?? neighbour ?? fallback
    before = { conversation, at }
    tally[verdict.from]++
    if (tally.from === undefined || at < tally.from) tally.from = at
    if (tally.until === undefined || at > tally.until) tally.until = at
    const id = entry.id.length > idMostChars ? digest(entry.id) : entry.id
    yield { conversation, id, from: verdict.from, at, text: verdict.text }
  }
}

function count({ leftOut }: Tally, reason: Reason): void {
  leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1)
}
