import {
  type Cursor,
  cursorPrototype,
  type ObjectStore,
  objectStorePrototype,
  type Request,
  type Transaction,
} from './indexed-db.ts'
import type { StoreKey } from './stored-value.ts'

type ChangeBody =
  | { readonly kind: 'put'; readonly key: StoreKey; readonly value: unknown }
  | { readonly kind: 'delete'; readonly range: KeyRange }
  | { readonly kind: 'clear' }

/** One change that a transaction made to one of its object stores. */
export type StoreChange = { readonly database: string; readonly store: string } & ChangeBody

/** A key, or IndexedDB's range of keys. */
export type KeyRange = StoreKey | KeyInterval

export interface KeyInterval {
  readonly lower: unknown
  includes(key: StoreKey): boolean
}

type Method = (this: unknown, ...args: unknown[]) => Request<unknown>

/** Tells what was committed to fake-indexeddb's object stores, transaction by transaction. */
export interface Tap {
  /** Resolves when every transaction that has written something by now is over. */
  settled(): Promise<void>
}

/**
 * Changes fake-indexeddb for this whole thread, once. A transaction that was aborted is never told; one
 * that was committed is told before whoever waits for it goes on.
 */
export function tapObjectStores(onCommit: (changes: readonly StoreChange[]) => void): Tap {
  const open = new Map<Transaction, StoreChange[]>()
  let waiting: (() => void)[] = []

  const changesOf = (transaction: Transaction): StoreChange[] => {
    const known = open.get(transaction)
    if (known !== undefined) return known
    const changes: StoreChange[] = []
    open.set(transaction, changes)
    const end = (committed: boolean) => {
      open.delete(transaction)
      if (committed) onCommit(changes)
      if (open.size > 0) return
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    }
    transaction.addEventListener('complete', () => end(true))
    transaction.addEventListener('abort', () => end(false))
    return changes
  }

  const watch = (
    prototype: object,
    method: string,
    storeOf: (target: unknown) => ObjectStore,
    toChange: (target: unknown, args: readonly unknown[]) => (result: unknown) => ChangeBody,
  ): void => {
    const original = Reflect.get(prototype, method) as Method
    Reflect.set(prototype, method, function watched(this: unknown, ...args: unknown[]): Request<unknown> {
      const store = storeOf(this)
      const complete = toChange(this, args)
      const request = original.apply(this, args)
      const changes = changesOf(store.transaction)
      const base = { database: store.transaction.db.name, store: store.name }
      request.addEventListener('success', () => changes.push({ ...base, ...complete(request.result) }))
      return request
    })
  }

  const self = (target: unknown) => target as ObjectStore
  // The value is copied at the call, as IndexedDB does; the key is the request's result.
  const put = (_: unknown, [value]: readonly unknown[]) => {
    const copy: unknown = structuredClone(value)
    return (result: unknown) => ({ kind: 'put', key: result as StoreKey, value: copy }) as const
  }
  watch(objectStorePrototype, 'put', self, put)
  watch(objectStorePrototype, 'add', self, put)
  watch(objectStorePrototype, 'clear', self, () => () => ({ kind: 'clear' }))
  watch(objectStorePrototype, 'delete', self, (_, [range]) => () => ({
    kind: 'delete',
    range: range as KeyRange,
  }))
  watch(cursorPrototype, 'update', storeOfCursor, put)
  watch(cursorPrototype, 'delete', storeOfCursor, (cursor) => {
    const range = (cursor as Cursor).primaryKey
    return () => ({ kind: 'delete', range })
  })

  return {
    settled: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

function storeOfCursor(cursor: unknown): ObjectStore {
  const { source } = cursor as Cursor
  return 'objectStore' in source ? source.objectStore : source
}
