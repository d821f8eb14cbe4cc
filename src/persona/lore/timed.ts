import { hashOf } from '../../core/dice.ts'
import type { LoreEntry, LoreState } from '../../core/lore.ts'

/** `held`: stays in, whatever is said. `blocked`: cannot come in now. */
export type Timing = 'held' | 'blocked' | 'free'

/**
 * With sticky 3 and cooldown 2, an entry that came in at message 1 is held at 2 to 4, blocked at 5 and 6, and
 * free at 7. What happened at this message or later is forgotten: the conversation went back, and tries again.
 */
export function timingOf(entry: LoreEntry, key: string, state: LoreState, messageCount: number): Timing {
  if (messageCount < entry.delay) return 'blocked'
  const record = recordOf(entry, key, state, messageCount)
  if (record === undefined) return 'free'
  if (entry.gates.once !== undefined) return entry.gates.once === 'stays' ? 'held' : 'blocked'
  const since = messageCount - record.at
  if (since <= entry.sticky) return 'held'
  return since <= entry.sticky + entry.cooldown ? 'blocked' : 'free'
}

/** What is to be remembered of the entry after this turn, which put it in or not. */
export function remembered(
  entry: LoreEntry,
  key: string,
  state: LoreState,
  messageCount: number,
  cameIn: boolean,
): LoreState[string] | undefined {
  const timing = timingOf(entry, key, state, messageCount)
  const record = recordOf(entry, key, state, messageCount)
  if (record !== undefined && timing !== 'free') return record
  const lasts = entry.sticky > 0 || entry.cooldown > 0 || entry.gates.once !== undefined
  return cameIn && lasts ? { at: messageCount, mark: markOf(entry) } : undefined
}

function recordOf(entry: LoreEntry, key: string, state: LoreState, messageCount: number) {
  const record = Object.hasOwn(state, key) ? state[key] : undefined
  return record !== undefined && record.at < messageCount && record.mark === markOf(entry)
    ? record
    : undefined
}

const marks = new WeakMap<LoreEntry, number>()

/** Another number once the entry was edited: then what it remembers is of another one. */
function markOf(entry: LoreEntry): number {
  const known = marks.get(entry)
  if (known !== undefined) return known
  const mark = hashOf(JSON.stringify(entry))
  marks.set(entry, mark)
  return mark
}
