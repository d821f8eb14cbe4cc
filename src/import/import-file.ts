import type { Entry } from './entry.ts'
import { nothingInIt } from './errors.ts'
import type { Export } from './export.ts'
import type { Progress } from './progress.ts'
import { castInWords, placesInWords, tallyInWords } from './report.ts'
import { type Chosen, newTally, select } from './select.ts'
import { survey } from './survey.ts'
import { whoIsWho } from './who.ts'

/** One transaction each. A process that is killed loses at most one, and the next run adds it. */
const batchMost = { messages: 250, chars: 1_000_000 }

export interface ImportOptions {
  readonly persona: string
  readonly progress: Progress
  readonly write: (text: string) => void
  /** Stores messages of one conversation, and returns how many were new. Undefined: nothing is to be stored. */
  readonly add: ((conversation: string, messages: readonly Chosen[]) => Promise<number>) | undefined
}

/**
 * Reads an export twice: first to find out who speaks in it, then to take in what the person and the persona
 * have said. Throws `HearthError`, and what the aborted signal throws.
 */
export async function importFile(from: Export, options: ImportOptions, signal: AbortSignal): Promise<void> {
  const { persona, progress, write, add } = options
  let messages = 0
  const entries = (what: string): AsyncIterable<Entry> =>
    from.read((bytes) => progress.show(what, Math.min(1, bytes / from.bytes), messages), signal)

  const found = await survey(entries('Reading')).finally(progress.clear)
  if (found.messages === 0) {
    const { unreadable } = found
    throw nothingInIt(from.name, placesInWords(unreadable))
  }
  const cast = whoIsWho(found.speakers, from.hints)
  write(castInWords(from.name, found, cast, persona))

  const tally = newTally()
  const conversations = new Set<string>()
  let added = 0
  let batch: Chosen[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    const [first] = batch
    if (first !== undefined && add !== undefined) added += await add(first.conversation, batch)
    batch = []
    chars = 0
  }
  const chosen = select(entries('Taking in'), found, cast, from.changedAt, tally)
  try {
    for await (const message of chosen) {
      signal.throwIfAborted()
      const { conversation, text } = message
      const full = batch.length >= batchMost.messages || chars + text.length > batchMost.chars
      if (full || conversation !== batch[0]?.conversation) await flush()
      conversations.add(conversation)
      batch.push(message)
      chars += text.length
      messages++
    }
    await flush()
  } finally {
    progress.clear()
  }
  write(tallyInWords(tally, conversations.size, found, persona, add === undefined ? undefined : added))
}
