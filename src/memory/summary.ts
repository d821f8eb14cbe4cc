import type { Episode } from '../core/memory.ts'

/** Of the whole summary, in every prompt. */
const characters = 2_400
/** Of it for the account of what is furthest back. */
const accountCharacters = 800

/**
 * How many of the oldest episodes no longer stand in a summary one by one, and are told in its account: none as
 * long as all have room.
 */
export function countOlder(episodes: readonly Episode[]): number {
  const lengths = episodes.map((episode) => lineOf(episode).length + 1)
  const whole = lengths.reduce((sum, length) => sum + length, 0)
  if (whole <= characters) return 0
  let older = 0
  for (let rest = whole; older < lengths.length && rest > characters - accountCharacters; older++)
    rest -= lengths[older] ?? 0
  return older
}

/** Never longer than a summary may be. `account`: empty where there is none. */
export function summaryText(account: string, episodes: readonly Episode[]): string {
  return [account.slice(0, accountCharacters), ...episodes.map(lineOf)]
    .filter((line) => line !== '')
    .join('\n')
    .slice(0, characters)
    .toWellFormed()
}

export const lineOf = ({ begunAt, gist }: Episode) => `${begunAt.toISOString().slice(0, 10)}: ${gist}`
