import type { Locks } from './database.ts'
import { newClient } from './postgres-client.ts'

/** A server that cannot be reached any more does not say so: what it does not answer has ended the connection. */
const answerMostMs = 5_000
/**
 * The server looks sooner than after two hours whether the machine at the other end is still there: the names
 * of one that has lost its power are free within ten seconds.
 */
const watchful = 'set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 2'

const key = 'hashtextextended($1, 0)'
/** The two halves of the key, as the server shows it. */
const shownKey = `((l.classid::bigint << 32) | l.objid::bigint)`
const advisory = `l.locktype = 'advisory' and l.objsubid = 1 and l.granted
  and l.database = (select oid from pg_database where datname = current_database())`

const lockName = (name: string) => `hearth ${name}`

/** `Database.locks`: advisory locks, which end with their connection, however the process ends. */
export async function openLocks(url: string): Promise<Locks> {
  const lost = new AbortController()
  /** The server would give this connection its own names twice. */
  const taken = new Set<string>()
  const client = newClient(url, 'hearth locks', answerMostMs)
  try {
    await client.connect()
    await client.query(watchful)
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
  client.on('end', () => lost.abort())

  async function ask<Row extends object>(statement: string, values: readonly unknown[]) {
    try {
      return (await client.query<Row>(statement, [...values])).rows
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
  }

  async function tryOnce(call: string, name: string): Promise<boolean> {
    if (taken.has(name)) return false
    taken.add(name)
    const [row] = await ask<{ done: boolean }>(`select ${call}(${key}) as done`, [lockName(name)])
    if (row?.done !== true) taken.delete(name)
    return row?.done === true
  }

  async function letGo(call: string, name: string): Promise<void> {
    await ask(`select ${call}(${key})`, [lockName(name)])
    taken.delete(name)
  }

  return {
    lost: lost.signal,
    take: (name) => tryOnce('pg_try_advisory_lock', name),
    giveBack: (name) => letGo('pg_advisory_unlock', name),
    join: (name) => tryOnce('pg_try_advisory_lock_shared', name),
    leave: (name) => letGo('pg_advisory_unlock_shared', name),
    members: (name) =>
      ask<{ self: boolean }>(
        `select l.pid = pg_backend_pid() as self from pg_locks l
        where ${advisory} and l.mode = 'ShareLock' and ${shownKey} = ${key} order by l.pid`,
        [lockName(name)],
      ),
    async free(names) {
      const rows = await ask<{ place: number }>(
        `select wanted.place::integer as place
        from unnest($1::text[]) with ordinality as wanted (name, place)
        where hashtextextended(wanted.name, 0) not in (select ${shownKey} from pg_locks l where ${advisory})
        order by wanted.place`,
        [names.map(lockName)],
      )
      return rows.flatMap(({ place }) => names[place - 1] ?? [])
    },
    async [Symbol.asyncDispose]() {
      await client.end().catch(() => undefined)
    },
  }
}
