import { DiscordAPIError, REST, type RequestData } from 'discord.js'
import { discordAway, fromDiscord, wrongToken } from './errors.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Rank } from './ranks.ts'

export interface RestOptions {
  readonly token: string
  /** Where Discord's API is; undefined: at Discord. */
  readonly api: string | undefined
  /** How often a request is made again that came to nothing; left out: as often as the library does. */
  readonly retries?: number
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** `outdated`: what has not left by then need not leave any more; then its reason is thrown. */
export type CallData = RequestData & { readonly rank?: Rank; readonly outdated?: AbortSignal | undefined }

/**
 * Discord's REST API. Each call waits for its turn in the rate limits by itself. Throws `HearthError`, or what
 * the aborted signal throws. `what`: "write there".
 */
export type CallDiscord = <T = unknown>(
  method: Method,
  route: `/${string}`,
  what: string,
  signal: AbortSignal,
  data?: CallData,
) => Promise<T>

/** `ended`: from then on it is not called any more. `onSignedOut`: told once, when Discord does not know the token any more. `pacer`: of all requests of the bot. */
export function openRest(
  { token, api, retries }: RestOptions,
  ended: AbortSignal,
  onSignedOut: () => void = () => undefined,
  pacer: Pick<Pacer, 'next'> = createPacer(),
): CallDiscord {
  // Of its own, not the gateway's: whatever ends one of them leaves the other as it is. The library counts
  // whole seconds of its own, between which twice as many may go out as Discord allows.
  const rest = new REST({
    version: '10',
    globalRequestsPerSecond: 1_000,
    ...(api !== undefined && { api }),
    ...(retries !== undefined && { retries }),
  }).setToken(token)
  const stopSweeping = (): void => {
    rest.clearHashSweeper()
    rest.clearHandlerSweeper()
  }
  ended.addEventListener('abort', stopSweeping, { once: true })
  let signedOut = false

  return async <T>(
    method: Method,
    route: `/${string}`,
    what: string,
    signal: AbortSignal,
    { rank, outdated, ...data }: CallData = {},
  ): Promise<T> => {
    signal.throwIfAborted()
    const authorised = data.auth !== false
    // After one refusal the library has no token any more, and would say so in its own words.
    if (authorised && signedOut) throw wrongToken()
    // What answers a command is counted elsewhere, and must not wait.
    const waits = outdated === undefined ? signal : AbortSignal.any([signal, outdated])
    const over = authorised ? await pacer.next(waits, rank) : undefined
    let answered = false
    // Of this call's own: the library never lets go of a signal that it is given, nor Node of one that follows others
    // and is listened to.
    const ending = new AbortController()
    const end = (): void => ending.abort(signal.reason)
    signal.addEventListener('abort', end, { once: true })
    try {
      signal.throwIfAborted()
      const result = await rest[method](route, { ...data, signal: ending.signal })
      answered = true
      return result as T
    } catch (error) {
      answered = error instanceof DiscordAPIError
      if (signal.aborted) throw signal.reason
      // The library's own patience has ended, in the guise of somebody's wish.
      if (error instanceof Error && error.name === 'AbortError') throw discordAway(error)
      if (authorised && error instanceof DiscordAPIError && error.status === 401) {
        if (!signedOut) onSignedOut()
        signedOut = true
        throw wrongToken()
      }
      throw fromDiscord(error, what)
    } finally {
      signal.removeEventListener('abort', end)
      over?.(answered)
    }
  }
}
