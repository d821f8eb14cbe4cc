import type { LoreEntry, LoreGates } from '../../core/lore.ts'

/** Whether the entry comes in at every turn of a room, as long as its book stays as it is. */
export function standsAlways(entry: LoreEntry): boolean {
  const { gates } = entry
  return (
    entry.enabled &&
    (entry.constant || gates.always) &&
    entry.probability >= 100 &&
    entry.groups.length === 0 &&
    entry.delay === 0 &&
    entry.cooldown === 0 &&
    entry.waitsForRound === 0 &&
    !gates.spare &&
    (gates.always || areOpen(gates))
  )
}

/** With which greeting a conversation began does not change: an entry may ask for that. */
const areOpen = (gates: LoreGates): boolean =>
  !gates.never &&
  gates.once !== 'never-again' &&
  gates.onlyAfter === undefined &&
  gates.onlyEvery === undefined &&
  gates.alsoKeys.length === 0 &&
  gates.withoutKeys.length === 0

/** Whether what was before the history that is shown makes a difference to it. */
export function asksOfPast({ enabled, sticky, cooldown, delay, gates }: LoreEntry): boolean {
  const { onlyAfter, onlyEvery, greeting, once } = gates
  return (
    enabled &&
    (sticky + cooldown + delay > 0 ||
      [onlyAfter, onlyEvery, greeting, once].some((asked) => asked !== undefined))
  )
}
