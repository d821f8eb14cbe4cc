import type { ParticipantId } from '../core/ids.ts'
import type { HistoryMessage } from '../core/store.ts'
import type { Speakers } from './speakers.ts'

/** Of a crowd those who spoke last. */
const peopleMost = 8

/**
 * What those say of themselves who speak in a history, a line for each. These are people's words: never expanded, and
 * on one line, so that none of it passes for something else.
 */
export function selvesOf(
  history: readonly HistoryMessage[],
  selves: ReadonlyMap<ParticipantId, string>,
  { nameOf }: Speakers,
): readonly string[] {
  const lines = new Map<ParticipantId, string>()
  for (const { author } of history.toReversed()) {
    if (author.kind !== 'participant' || lines.has(author.id) || lines.size === peopleMost) continue
    const text = selves.get(author.id)
    if (text !== undefined) lines.set(author.id, `${nameOf(author)}: "${text.replace(/\s+/g, ' ')}"`)
  }
  // In an order that changes less often than who spoke last.
  return [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
}
