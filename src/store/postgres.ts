import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { configError, storeError } from '../core/errors.ts'
import type { Database, Script } from './database.ts'
import { overPostgres } from './drizzle.ts'
import { guarded } from './errors.ts'
import { connectMostMs, newClient } from './postgres-client.ts'
import { lockName } from './postgres-lock.ts'
import { openLocks } from './postgres-locks.ts'
import * as schema from './schema.ts'

const minimumVersion = 140_000
const reconnectMs = 1_000
/**
 * Every statement here finds its rows by key, so one plan serves all values: left to itself, the server
 * planned the end of each turn anew (0.6 ms).
 */
const onePlan = 'set plan_cache_mode = force_generic_plan'

/** The server and database of a URL, without user and password. */
function describe(url: string): string {
  try {
    const { protocol, hostname, port, pathname, searchParams } = new URL(url)
    if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw new TypeError('another protocol')
    const host = hostname || searchParams.get('host') || 'localhost'
    return `the Postgres database ${decodeURIComponent(pathname.slice(1)) || '(default)'} at ${host}${port ? `:${port}` : ''}`
  } catch {
    throw configError('`database` is not a Postgres URL.', {
      code: 'database-url',
      mend: 'Write it as postgres://user:password@host:5432/name, or leave it out for the built-in database.',
    })
  }
}

/**
 * Opens a Postgres of version 14 or later and checks that it answers.
 * Throws `HearthError`: `database-url`, `database-unreachable`, `database-refused`, `database-missing`,
 * `database-too-old`.
 */
export async function openPostgres(url: string): Promise<Database> {
  const where = describe(url)
  const pool = openPool(url, onePlan)
  const relaxedPool = openPool(url, `${onePlan}; set synchronous_commit = off`)
  try {
    const version = await guarded(where, async () => {
      const { rows } = await pool.query<{ server_version_num: string }>('show server_version_num')
      return Number(rows[0]?.server_version_num)
    })
    if (version < minimumVersion) {
      throw storeError(`${where} is Postgres ${Math.floor(version / 10_000)}; Hearth needs 14 or later.`, {
        code: 'database-too-old',
        mend: 'Upgrade the server.',
      })
    }
  } catch (error) {
    await Promise.all([pool.end(), relaxedPool.end()])
    throw error
  }

  return {
    kind: 'postgres',
    where,
    drizzle: overPostgres(pool, { schema }),
    relaxed: overPostgres(relaxedPool, { schema }),
    statement: ({ name, text, values }, named, { relaxed }) =>
      guarded(
        where,
        async () => (await (relaxed ? relaxedPool : pool).query({ name, text, values: values(named) })).rows,
      ),
    script: (work) => guarded(where, () => inTransaction(pool, work)),
    lock: (name) => guarded(where, () => lockName(url, name)),
    locks: () => guarded(where, () => openLocks(url)),
    listen: (channel, onPayload) => listen(url, channel, onPayload),
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), relaxedPool.end()])
    },
  }
}

function openPool(url: string, setUp: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    application_name: 'hearth',
    connectionTimeoutMillis: connectMostMs,
    onConnect: async (client) => void (await client.query(setUp)),
  })
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}

async function inTransaction<T>(pool: pg.Pool, work: (script: Script) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work({
      exec: async (statements) => void (await client.query(statements)),
      query: async (statement, parameters) => (await client.query(statement, [...parameters])).rows,
    })
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** Keeps a connection of its own for LISTEN; a lost one is made again every second. */
async function listen(
  url: string,
  channel: string,
  onPayload: (payload: string) => void,
): Promise<AsyncDisposable> {
  const ending = new AbortController()
  let client: pg.Client | undefined
  let reconnecting: Promise<void> | undefined

  async function connectOnce(): Promise<void> {
    const next = newClient(url, 'hearth listen')
    next.on('notification', (notification) => onPayload(notification.payload ?? ''))
    try {
      await next.connect()
      await next.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      await next.end().catch(() => undefined)
      throw error
    }
    client = next
    // Not before: a client that never connected ends too, and each would begin a loop of its own.
    next.on('end', () => {
      reconnecting = reconnect()
    })
    if (ending.signal.aborted) await next.end()
  }

  async function reconnect(): Promise<void> {
    while (!ending.signal.aborted) {
      await sleep(reconnectMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined)
      if (ending.signal.aborted) return
      const connected = await connectOnce().then(
        () => true,
        () => false,
      )
      if (connected) return
    }
  }

  await guarded(describe(url), connectOnce)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await client?.end().catch(() => undefined)
      await reconnecting
    },
  }
}
