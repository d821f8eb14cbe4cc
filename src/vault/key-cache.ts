import type { KeyObject } from 'node:crypto'
import type { StoredOwner } from './key-repository.ts'

export interface CachedKey {
  readonly id: string
  readonly key: KeyObject
}

interface Entry extends CachedKey {
  readonly owner: string
  readonly loadedAtMs: number
}

/** Measured: 4.4 kB each, with everything around them; 9 MB when full. */
const maxKeys = 2048

/**
 * After this a key is read from the database again. It bounds how long a process still opens what
 * belongs to an owner whom another process has erased.
 */
const maxAgeMs = 10 * 60_000

export const ownerName = (owner: StoredOwner): string => `${owner.kind}:${owner.id}`

/** Unwrapped keys; the least recently used goes first. */
export interface KeyCache {
  findById(id: string): KeyObject | undefined
  findByOwner(owner: StoredOwner): CachedKey | undefined
  put(owner: StoredOwner, id: string, key: KeyObject): void
  evict(owner: StoredOwner): void
  clear(): void
}

export function makeKeyCache(): KeyCache {
  const byId = new Map<string, Entry>()
  const idByOwner = new Map<string, string>()

  const drop = (entry: Entry): void => {
    byId.delete(entry.id)
    if (idByOwner.get(entry.owner) === entry.id) idByOwner.delete(entry.owner)
  }
  const find = (id: string): Entry | undefined => {
    const entry = byId.get(id)
    if (!entry) return undefined
    if (performance.now() - entry.loadedAtMs > maxAgeMs) {
      drop(entry)
      return undefined
    }
    byId.delete(id)
    byId.set(id, entry)
    return entry
  }
  return {
    findById: (id) => find(id)?.key,
    findByOwner(owner) {
      const id = idByOwner.get(ownerName(owner))
      return id === undefined ? undefined : find(id)
    },
    put(owner, id, key) {
      const name = ownerName(owner)
      byId.delete(id)
      byId.set(id, { id, key, owner: name, loadedAtMs: performance.now() })
      idByOwner.set(name, id)
      if (byId.size > maxKeys) {
        const [oldest] = byId.values()
        if (oldest) drop(oldest)
      }
    },
    evict(owner) {
      const id = idByOwner.get(ownerName(owner))
      const entry = id === undefined ? undefined : byId.get(id)
      if (entry) drop(entry)
    },
    clear() {
      byId.clear()
      idByOwner.clear()
    },
  }
}
