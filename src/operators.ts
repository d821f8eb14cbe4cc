import type { Platform } from './core/conversation.ts'
import type { ExternalId } from './core/ids.ts'
import type { Config } from './ops/config.ts'

/** Whether somebody runs this Hearth, by what their platform calls them. Whoever sits at a terminal does so anyway. */
export type IsOperator = (platform: Platform, user: ExternalId) => boolean

export async function operatorsOf({
  matrix,
  discord,
}: Pick<Config, 'matrix' | 'discord'>): Promise<IsOperator> {
  const onDiscord = new Set<string>(discord?.operators ?? [])
  const onMatrix = matrix === undefined ? () => false : await matcher(matrix.operators)
  return (platform, user) =>
    platform === 'matrix' ? onMatrix(user) : platform === 'discord' && onDiscord.has(user)
}

/** Loaded only where there are accounts: it takes a moment. */
async function matcher(globs: readonly string[]): Promise<(user: string) => boolean> {
  const { createUserMatcher } = await import('../adapters/matrix/allowed.ts')
  return createUserMatcher(globs)
}
