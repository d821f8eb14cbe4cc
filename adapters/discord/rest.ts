import { REST, type RequestData } from 'discord.js'
import { isAbort } from '../../src/core/errors.ts'
import { fromDiscord } from './errors.ts'

export interface RestOptions {
  readonly token: string
  /** Where Discord's API is; undefined: at Discord. */
  readonly api: string | undefined
}

/** Discord's REST API. It waits for its turn in each rate limit by itself. Throws `HearthError`, or what the aborted signal throws. */
export type CallDiscord = <T = unknown>(
  method: 'get' | 'post' | 'put' | 'patch' | 'delete',
  route: `/${string}`,
  what: string,
  signal: AbortSignal,
  data?: RequestData,
) => Promise<T>

export function openRest({ token, api }: RestOptions): CallDiscord {
  // Of its own, not the gateway's: discord.js takes the token away from that one for good after a 401.
  const rest = new REST({ version: '10', ...(api !== undefined && { api }) }).setToken(token)
  return async (method, route, what, signal, data = {}) => {
    signal.throwIfAborted()
    try {
      return (await rest[method](route, { ...data, signal })) as never
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (isAbort(error)) throw error
      throw fromDiscord(error, what)
    }
  }
}
