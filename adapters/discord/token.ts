import { type AccountId, accountId, type PersonaId } from '../../src/core/ids.ts'
import { noToken } from './errors.ts'
import { isSnowflake } from './snowflake.ts'

const form = /^[\w-]{10,}\.[\w-]+\.[\w-]+$/

const idIn = (token: string): string => Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()

/** False for what can be no token, whatever Discord would say: half of one, or something else of the application's. */
export const isToken = (token: string): boolean => form.test(token) && isSnowflake(idIn(token))

/** Before its first full stop a token tells whose it is. Throws `HearthError` (`discord-no-token`). */
export function botIdOf(token: string): string {
  if (!isToken(token)) throw noToken()
  return idIn(token)
}

/** By the bot, not by its token: that may be made anew. */
export const discordAccountId = (token: string): AccountId => accountId(`discord-${botIdOf(token)}`)

/** A guest's, through that bot. */
export const guestAccountId = (token: string, persona: PersonaId): AccountId =>
  accountId(`${discordAccountId(token)}-${persona}`)
