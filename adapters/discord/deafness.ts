import type { Places } from './places.ts'
import { isOnShard, type Shard } from './shards.ts'
import { sentAt } from './snowflake.ts'

/** So long a shard may be in nobody's hands; and our clock and Discord's are two. */
const leastMs = 60_000

/** Since when nobody has listened in each server, up to the moment at which Discord tells of it again. */
export interface Deafness {
  /** A session begins, and these servers will be told of. */
  begin(guilds: readonly string[], shard: Shard): void
  /** A server is out of order. */
  beginIn(guild: string): void
  /** Milliseconds since 1970; of a server that the account has come into just now, a minute ago. */
  end(guild: string): number
}

/** Nothing further back than `mostMs` is asked for. */
export function createDeafness(places: Pick<Places, 'all'>, mostMs: number): Deafness {
  const sinceMs = new Map<string, number>()

  /** What was heard last in any of the shard's channels: until then somebody listened, in whichever process. */
  function heardMs(shard: Shard): number | undefined {
    const heard = places.all.filter(({ guild }) => isOnShard(guild, shard))
    return heard.reduce<number | undefined>(
      (latest, { last }) => Math.max(latest ?? 0, sentAt(last).getTime()),
      undefined,
    )
  }

  return {
    begin(guilds, shard) {
      const since = heardMs(shard) ?? Date.now()
      for (const guild of guilds) sinceMs.set(guild, since)
    },
    beginIn(guild) {
      if (!sinceMs.has(guild)) sinceMs.set(guild, Date.now())
    },
    end(guild) {
      const nowMs = Date.now()
      const began = sinceMs.get(guild) ?? nowMs
      sinceMs.delete(guild)
      return Math.min(Math.max(began - leastMs, nowMs - mostMs), nowMs - leastMs)
    },
  }
}
