import { setTimeout as sleep } from 'node:timers/promises'
import type { GatewayDispatchPayload } from 'discord.js'
import type { Gateway } from './gateway.ts'
import type { OneGateway } from './gateways.ts'
import type { TellNews } from './news.ts'
import type { Shard } from './shards.ts'

/** One who speaks through a bot, and what comes in by one connection. */
export interface Listener {
  take(packet: GatewayDispatchPayload): void
  /** Resolves when all that came has been taken. */
  settled(): Promise<void>
  /** Ends what is under way. */
  end(): Promise<void>
}

/** Begins to listen: where what is written down ends. Throws `HearthError`. */
export type Listen = (
  gateway: Pick<Gateway, 'channel' | 'learn'>,
  shard: Shard | undefined,
) => Promise<Listener>

/** What has not been taken by then is read by whoever has the shard next. */
const settleMostMs = 4_000

/**
 * All who speak through a bot are served together: it begins when the last of them listens, so that none misses
 * how a connection begins, and ends for all of them when it ends for one.
 */
export function gatherListeners(
  count: number,
  serve: (all: readonly Listen[], signal: AbortSignal) => Promise<void>,
): (listen: Listen, signal: AbortSignal) => Promise<void> {
  const all: Listen[] = []
  const over = Promise.withResolvers<void>()
  const ending = new AbortController()

  return async (listen, signal) => {
    all.push(listen)
    const end = () => {
      ending.abort(signal.reason)
      if (all.length < count) over.resolve()
    }
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    if (all.length === count) serve(all, ending.signal).then(over.resolve, over.reject)
    try {
      await over.promise
    } finally {
      signal.removeEventListener('abort', end)
    }
  }
}

/**
 * Follows one connection until `held` aborts. Where it is given up, and not everything (`signal`), what is under
 * way has a moment to end. Throws what `Gateway.follow` throws.
 */
export async function followFor(
  listens: readonly Listen[],
  gateway: OneGateway,
  shard: Shard | undefined,
  tell: TellNews,
  held: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const listeners: Listener[] = []

  const settled = () => Promise.all(listeners.map((listener) => listener.settled()))

  function takeAll(packet: GatewayDispatchPayload): void {
    for (const { take } of listeners) {
      try {
        take(packet)
      } catch (error) {
        tell({ kind: 'passed-over', error })
      }
    }
  }

  try {
    for (const listen of listens) listeners.push(await listen(gateway, shard))
    await gateway.follow(takeAll, held)
    if (signal.aborted) return
    gateway.giveUp()
    await Promise.race([settled(), sleep(settleMostMs, undefined, { ref: false })])
  } finally {
    await Promise.all(listeners.map((listener) => listener.end()))
  }
}
