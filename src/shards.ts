import { setTimeout as sleep } from 'node:timers/promises'
import type { Shard, ShardShare } from '../adapters/discord/shards.ts'
import { accountName, type Right } from './accounts.ts'
import type { AccountId } from './core/ids.ts'
import type { Database, Locks } from './store/database.ts'

/** How often it is looked who is there, and which shards are free. */
const lookMs = 1_000
/** Discord's five seconds, and what a request may take longer than the one before it. */
const sessionEveryMs = 5_250
const turnPollMs = 200

export interface ShardRight extends Right {
  readonly share: ShardShare
}

/** `here`: the shards that this process has now. */
export type TellShards = (here: readonly number[], processes: number) => void

/**
 * The right to serve some of the shards of an account; undefined as long as a process serves the account alone,
 * since it was configured otherwise.
 */
export async function claimShards(
  database: Database,
  account: AccountId,
  count: number,
  tell: TellShards,
): Promise<ShardRight | undefined> {
  const locks = await database.locks()
  if (await locks.join(accountName(account)))
    return {
      lost: locks.lost,
      share: shareShards(locks, account, count, tell),
      [Symbol.asyncDispose]: () => locks[Symbol.asyncDispose](),
    }
  await locks[Symbol.asyncDispose]()
  return undefined
}

/** Those who serve the same number of shards. */
const circleOf = (account: AccountId, count: number) => `${accountName(account)} in ${count} shards`
const shardName = (account: AccountId, { id, of }: Shard) => `${accountName(account)} shard ${id} of ${of}`
const shardsOf = (count: number): readonly Shard[] =>
  Array.from({ length: count }, (_, id) => ({ id, of: count }))

/** How many of the shards are for whoever stands at this place among so many: they differ by one at most. */
export const quotaOf = (count: number, place: number, processes: number): number =>
  Math.floor(count / processes) + (place < count % processes ? 1 : 0)

/**
 * Each shard is a name in the database, and whoever has it serves the shard. Presence is taking part in one more
 * name. Both end with the connection, so a process that dies leaves nothing behind that would have to run out.
 */
export function shareShards(locks: Locks, account: AccountId, count: number, tell: TellShards): ShardShare {
  const circle = circleOf(account, count)
  let processes = 1

  return {
    processes: () => processes,

    async awaitTurn(bucket, signal) {
      const name = `${accountName(account)} session ${bucket}`
      // A connection that has ended ends the shard, and with it the signal.
      while (!(await locks.take(name).catch(() => false))) await sleep(turnPollMs, undefined, { signal })
      setTimeout(() => void locks.giveBack(name).catch(() => undefined), sessionEveryMs).unref()
    },

    async hold(serve, signal) {
      const held = new Map<
        number,
        { readonly shard: Shard; readonly stop: () => void; readonly ended: Promise<void> }
      >()
      const leaving = new Set<Promise<void>>()
      const failing = new AbortController()
      const life = AbortSignal.any([signal, failing.signal])
      let told = ''

      function begin(shard: Shard): void {
        const stopping = new AbortController()
        const own = AbortSignal.any([life, stopping.signal])
        const ended = serve(shard, own).catch((error: unknown) => {
          if (!own.aborted) failing.abort(error)
        })
        held.set(shard.id, { shard, stop: () => stopping.abort(), ended })
      }

      /** Free for the others as soon as what was under way has ended. */
      function giveUp(id: number): void {
        const given = held.get(id)
        if (given === undefined) return
        held.delete(id)
        given.stop()
        const gone = given.ended
          .then(() => locks.giveBack(shardName(account, given.shard)))
          // With its connection to the database the name has gone as well.
          .catch(() => undefined)
        leaving.add(gone)
        void gone.then(() => leaving.delete(gone))
      }

      async function look(): Promise<void> {
        const members = await locks.members(circle)
        const place = members.findIndex(({ self }) => self)
        if (place === -1) return
        processes = members.length
        const quota = quotaOf(count, place, processes)
        for (const id of [...held.keys()].slice(quota)) giveUp(id)
        if (held.size < quota) {
          const shards = new Map(shardsOf(count).map((shard) => [shardName(account, shard), shard]))
          for (const name of await locks.free([...shards.keys()])) {
            const shard = shards.get(name)
            if (held.size === quota || life.aborted) break
            if (shard !== undefined && (await locks.take(name))) begin(shard)
          }
        }
        const here = [...held.keys()].toSorted((a, b) => a - b)
        const now = `${here} ${processes}`
        if (now !== told) tell(here, processes)
        told = now
      }

      try {
        await locks.join(circle)
        while (!life.aborted) {
          // Where the connection has ended, the right to serve the account ends with it.
          await look().catch(() => undefined)
          await sleep(lookMs, undefined, { signal: life }).catch(() => undefined)
        }
      } finally {
        for (const id of [...held.keys()]) giveUp(id)
        await Promise.all(leaving)
        await locks.leave(circle).catch(() => undefined)
      }
      failing.signal.throwIfAborted()
    },
  }
}

/** What can be seen of an account's shards from outside. */
export async function surveyShards(
  locks: Locks,
  account: AccountId,
  count: number,
): Promise<{ readonly processes: number; readonly unserved: number }> {
  const { length: processes } = await locks.members(circleOf(account, count))
  const free = await locks.free(shardsOf(count).map((shard) => shardName(account, shard)))
  return { processes, unserved: free.length }
}
