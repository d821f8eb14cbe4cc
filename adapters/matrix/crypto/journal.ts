import type { KeyInterval, KeyRange, StoreChange } from './object-stores.ts'
import { encodeValue, recordKey, type StoreKey } from './stored-value.ts'

/** One record of the account. Undefined: it goes. */
export interface RecordChange {
  readonly key: string
  readonly value: Uint8Array | undefined
}

/** What the object stores hold, on its way to where it is durable. */
export interface Journal {
  append(changes: readonly StoreChange[]): void
  /** Writes this too, in the same order. Undefined: it goes. */
  put(key: string, value: Uint8Array | undefined): void
  /** Knows a record that is durable already. */
  restore(database: string, store: string, key: StoreKey): void
  /** Resolves when all that was appended by now is durable. */
  durable(): Promise<void>
}

/**
 * One write is under way at a time, and what comes meanwhile goes into the next one, each key with its
 * last value alone. A transaction is never cut in two.
 */
export function createJournal(write: (changes: readonly RecordChange[]) => Promise<void>): Journal {
  /** The keys of each object store, since `clear` and a range do not name them. */
  const keys = new Map<string, Map<string, StoreKey>>()
  let pending = new Map<string, RecordChange>()
  let writing: Promise<void> | undefined

  const keysOf = (database: string, store: string): Map<string, StoreKey> => {
    const name = JSON.stringify([database, store])
    const known = keys.get(name) ?? new Map<string, StoreKey>()
    keys.set(name, known)
    return known
  }
  const set = (key: string, value: Uint8Array | undefined) => pending.set(key, { key, value })

  const apply = (change: StoreChange): void => {
    const { database, store } = change
    const known = keysOf(database, store)
    if (change.kind === 'put') {
      const { key, value } = change
      const name = recordKey(database, store, key)
      known.set(name, key)
      set(name, encodeValue({ database, store, key, value }))
      return
    }
    for (const name of goneKeys(change, known)) {
      known.delete(name)
      set(name, undefined)
    }
  }

  const writeNext = async (): Promise<void> => {
    const changes = [...pending.values()]
    pending = new Map()
    await write(changes)
  }

  return {
    append(changes) {
      for (const change of changes) apply(change)
    },
    put: set,
    restore(database, store, key) {
      keysOf(database, store).set(recordKey(database, store, key), key)
    },
    async durable() {
      // The write under way may have begun before the last change: then one more has to follow it.
      if (writing !== undefined) await writing
      while (pending.size > 0 || writing !== undefined) {
        writing ??= writeNext().finally(() => {
          writing = undefined
        })
        await writing
      }
    },
  }
}

function goneKeys(
  change: Extract<StoreChange, { kind: 'delete' | 'clear' }>,
  known: ReadonlyMap<string, StoreKey>,
): readonly string[] {
  if (change.kind === 'clear') return [...known.keys()]
  const { range } = change
  if (isRange(range)) return [...known].filter(([, key]) => range.includes(key)).map(([name]) => name)
  return [recordKey(change.database, change.store, range)]
}

const isRange = (range: KeyRange): range is KeyInterval => typeof range === 'object' && 'lower' in range
