import { isAlarm } from './read-signs.ts'
import { calms, type Sign } from './signs.ts'

/**
 * What the rules make of a message alone. `loud`: somebody speaks of themself, and nothing speaks for a harmless
 * meaning. They never say that there is nothing: most people in a crisis use none of these words.
 */
export function judgeSigns(signs: readonly Sign[]): 'silent' | 'heard' | 'loud' {
  if (!signs.some(isAlarm)) return 'silent'
  const isCalm = signs.some((sign) => calms.some((calm) => calm === sign))
  return !isCalm && signs.includes('self') ? 'loud' : 'heard'
}
