import { type AccountId, accountId, type PersonaId } from '../../src/core/ids.ts'
import { wrongToken } from './errors.ts'
import { isSnowflake } from './snowflake.ts'

/** Before its first full stop a token tells whose it is. Throws `HearthError` (`discord-wrong-token`). */
export function botIdOf(token: string): string {
  const id = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
  if (!isSnowflake(id)) throw wrongToken()
  return id
}

/** By the bot, not by its token: that may be made anew. */
export const discordAccountId = (token: string): AccountId => accountId(`discord-${botIdOf(token)}`)

/** A guest's, through that bot. */
export const guestAccountId = (token: string, persona: PersonaId): AccountId =>
  accountId(`${discordAccountId(token)}-${persona}`)
