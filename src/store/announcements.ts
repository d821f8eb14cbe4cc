import { sql } from 'drizzle-orm'
import { turnId } from '../core/ids.ts'
import type { TurnAnnouncements, TurnChange } from '../core/store.ts'
import type { Database, Drizzle } from './database.ts'

const channel = 'hearth_turns'

export interface Announcer extends TurnAnnouncements, AsyncDisposable {
  /** Inside the transaction: other processes hear it when, and only when, it commits. */
  announce(transaction: Drizzle, change: TurnChange): Promise<void>
}

/** The payload holds ids and numbers only: NOTIFY is neither sealed nor private. */
export async function openAnnouncer(database: Database): Promise<Announcer> {
  const listeners = new Set<(change: TurnChange) => void>()
  const listening = await database.listen(channel, (payload) => {
    const change = parse(payload)
    if (change !== undefined) for (const listener of listeners) listener(change)
  })
  return {
    async announce(transaction, change) {
      const payload = JSON.stringify([change.turn, change.revision, change.stopRequested, change.dueInMs])
      await transaction.execute(sql`select pg_notify(${channel}, ${payload})`)
    },
    subscribe(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    async [Symbol.asyncDispose]() {
      listeners.clear()
      await listening[Symbol.asyncDispose]()
    },
  }
}

/** Anybody with access to the database can notify: what is not ours is passed over. */
function parse(payload: string): TurnChange | undefined {
  try {
    const [turn, revision, stopRequested, dueInMs] = JSON.parse(payload) as readonly unknown[]
    if (typeof turn !== 'string' || typeof revision !== 'number' || typeof dueInMs !== 'number')
      return undefined
    return { turn: turnId(turn), revision, stopRequested: stopRequested === true, dueInMs }
  } catch {
    return undefined
  }
}
