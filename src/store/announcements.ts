import type { SQL } from 'drizzle-orm'
import { newUuid, type OwnerId, type ParticipantId, participantId, turnId } from '../core/ids.ts'
import type { TurnAnnouncements, TurnChange } from '../core/store.ts'
import type { Database, Drizzle } from './database.ts'
import { sql } from './drizzle.ts'
import { value } from './statement.ts'

const channel = 'hearth_turns'
const erasedWord = 'erased'

export interface Announcer extends TurnAnnouncements, AsyncDisposable {
  /** For this process, after the commit: it need not wait for its own notification. */
  tell(change: TurnChange): void
  /** What a statement with `notifyOthers` is given. */
  readonly named: { readonly announcer: string }
  /** Tells all processes, this one too, when the transaction commits. */
  announce(transaction: Drizzle, change: TurnChange): Promise<void>
  /** The same of somebody who is erased: `tellErased` after the commit, `announceErased` for the others with it. */
  tellErased(person: ParticipantId): void
  announceErased(transaction: Drizzle, person: ParticipantId): Promise<void>
  /** For this process, after the commit. The others let go of it by its age, and read nothing of it that they ask for. */
  tellForgotten(owners: ReadonlySet<OwnerId>): void
}

/**
 * An expression that notifies the other processes when, and only when, its statement commits. Takes
 * `Announcer.named`, and `settleMs`.
 */
export const notifyOthers = (turn: SQL, revision: SQL): SQL =>
  sql`pg_notify(${channel}, concat_ws(' ', ${value('announcer')}::text, ${turn}, ${revision}, 'f', ${value('settleMs')}::bigint))`

/**
 * The payload holds ids and numbers only, since NOTIFY is neither sealed nor private:
 * `<who says it, to be deaf to oneself> <turn> <revision> <t or f: stop requested> <due in ms>`, or
 * `<who says it> erased <person>`.
 */
export async function openAnnouncer(database: Database): Promise<Announcer> {
  const listeners = new Set<(change: TurnChange) => void>()
  const erasureListeners = new Set<(person: ParticipantId) => void>()
  const forgettingListeners = new Set<(owners: ReadonlySet<OwnerId>) => void>()
  const self = newUuid()
  const tell = (change: TurnChange) => {
    for (const listener of [...listeners]) listener(change)
  }
  const tellErased = (person: ParticipantId) => {
    for (const listener of [...erasureListeners]) listener(person)
  }
  const listening = await database.listen(channel, (payload) => {
    const change = parse(payload, self)
    if (change === undefined) return
    if ('erased' in change) tellErased(change.erased)
    else tell(change)
  })
  const notify = (transaction: Drizzle, payload: string) =>
    transaction.execute(sql`select pg_notify(${channel}, ${payload})`)
  return {
    tell,
    named: { announcer: self },
    async announce(transaction, { turn, revision, stopRequested, dueInMs }) {
      await notify(transaction, ['-', turn, revision, stopRequested ? 't' : 'f', dueInMs].join(' '))
    },
    tellErased,
    async announceErased(transaction, person) {
      await notify(transaction, [self, erasedWord, person].join(' '))
    },
    tellForgotten(owners) {
      for (const listener of [...forgettingListeners]) listener(owners)
    },
    subscribe(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    onErased(listener) {
      erasureListeners.add(listener)
      return { [Symbol.dispose]: () => void erasureListeners.delete(listener) }
    },
    onForgotten(listener) {
      forgettingListeners.add(listener)
      return { [Symbol.dispose]: () => void forgettingListeners.delete(listener) }
    },
    async [Symbol.asyncDispose]() {
      listeners.clear()
      erasureListeners.clear()
      forgettingListeners.clear()
      await listening[Symbol.asyncDispose]()
    },
  }
}

/** Anybody with access to the database can notify: what is not ours is passed over. */
function parse(payload: string, self: string): TurnChange | { readonly erased: ParticipantId } | undefined {
  const [from, turn = '', revision, stopRequested, dueInMs] = payload.split(' ')
  if (from === self) return undefined
  try {
    if (turn === erasedWord) return { erased: participantId(revision ?? '') }
    const change = { turn: turnId(turn), revision: Number(revision), dueInMs: Number(dueInMs) }
    if (!Number.isInteger(change.revision) || !Number.isInteger(change.dueInMs)) return undefined
    return { ...change, stopRequested: stopRequested === 't' }
  } catch {
    return undefined
  }
}
