import type { GatewayDispatchPayload } from 'discord.js'
import type { Gateway } from './gateway.ts'
import type { TellNews } from './news.ts'

/**
 * One connection for all who speak through a bot: it begins when the last of them listens, so that none misses
 * how it begins, and ends for all of them when it ends for one.
 */
export function shareGateway(
  follow: Gateway['follow'],
  listeners: number,
  tell: TellNews,
): Gateway['follow'] {
  const takers: ((packet: GatewayDispatchPayload) => void)[] = []
  const over = Promise.withResolvers<void>()
  const ending = new AbortController()

  function takeAll(packet: GatewayDispatchPayload): void {
    for (const take of takers) {
      try {
        take(packet)
      } catch (error) {
        tell({ kind: 'passed-over', error })
      }
    }
  }

  return async (take, signal) => {
    takers.push(take)
    const end = () => {
      ending.abort(signal.reason)
      if (takers.length < listeners) over.resolve()
    }
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    if (takers.length === listeners) follow(takeAll, ending.signal).then(over.resolve, over.reject)
    try {
      await over.promise
    } finally {
      signal.removeEventListener('abort', end)
    }
  }
}
