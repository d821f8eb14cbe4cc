import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { NameLock } from './database.ts'
import { newClient } from './postgres-client.ts'

const tries = 10
const retryMs = 200
const againMs = 1_000

/** `Database.lock`, on a connection of its own: the lock ends with it, however the process ends. */
export async function lockName(url: string, name: string): Promise<NameLock | undefined> {
  const ending = new AbortController()
  const lost = new AbortController()
  const contested = new AbortController()
  const pause = (ms: number) =>
    sleep(ms, undefined, { signal: ending.signal, ref: false }).catch(() => undefined)
  let client: pg.Client | undefined
  let takingAgain: Promise<void> | undefined

  async function take(): Promise<boolean> {
    const next = newClient(url, 'hearth lock')
    try {
      await next.connect()
      if (!(await tryLock(next, name))) {
        await next.end()
        return false
      }
    } catch (error) {
      await next.end().catch(() => undefined)
      throw error
    }
    client = next
    next.on('end', () => {
      lost.abort()
      takingAgain = takeAgain()
    })
    if (ending.signal.aborted) await next.end()
    return true
  }

  async function takeAgain(): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(againMs)
      if (ending.signal.aborted) return
      try {
        if (await take()) return
        contested.abort()
      } catch {
        // The server is still away.
      }
    }
  }

  /** A process that was just killed holds its lock until the server has noticed. */
  async function tryLock(on: pg.Client, wanted: string): Promise<boolean> {
    for (let tried = 0; tried < tries && !ending.signal.aborted; tried++) {
      const { rows } = await on.query<{ taken: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
        [`hearth ${wanted}`],
      )
      if (rows[0]?.taken === true) return true
      await pause(retryMs)
    }
    return false
  }

  if (!(await take())) return undefined
  return {
    lost: lost.signal,
    contested: contested.signal,
    async [Symbol.asyncDispose]() {
      ending.abort()
      await client?.end().catch(() => undefined)
      await takingAgain
    },
  }
}
