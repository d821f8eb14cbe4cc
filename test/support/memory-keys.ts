import type { DataKeyRow, KeyRepository, MasterRow, StoredOwner } from '../../src/vault/key-repository.ts'

export interface MemoryKeys extends KeyRepository {
  /** What a database that has been talked to would say. */
  holdsContent: boolean
  /** Calls so far, by method. */
  readonly calls: Readonly<Record<string, number>>
  master(): MasterRow | undefined
  rows(): readonly DataKeyRow[]
}

/** A key repository that keeps its rows in memory and takes a turn of the event loop for everything, as a database does. */
export function makeMemoryKeys(): MemoryKeys {
  let master: MasterRow | undefined
  let byOwner = new Map<string, DataKeyRow>()
  let lock: Promise<unknown> = Promise.resolve()
  const calls: Record<string, number> = {}
  const name = (owner: StoredOwner): string => JSON.stringify([owner.kind, owner.id])

  const turn = async (method: string, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    calls[method] = (calls[method] ?? 0) + 1
    await new Promise((resolve) => setImmediate(resolve))
  }
  const locked = <T>(work: () => Promise<T>): Promise<T> => {
    const result = lock.then(work)
    lock = result.catch(() => undefined)
    return result
  }
  const memory: MemoryKeys = {
    holdsContent: false,
    calls,
    master: () => master,
    rows: () => [...byOwner.values()],
    async readState(signal) {
      await turn('readState', signal)
      return { master, holdsContent: memory.holdsContent }
    },
    async changeMaster(decide, signal) {
      await turn('changeMaster', signal)
      await locked(async () => {
        const change = await decide(master)
        if (!change) return
        const rewrapped = new Map<string, DataKeyRow>()
        for (const [key, row] of byOwner) {
          rewrapped.set(key, { ...row, masterId: change.master.id, wrapped: change.rewrap(row) })
        }
        byOwner = rewrapped
        master = change.master
      })
    },
    async findByOwners(owners, signal) {
      await turn('findByOwners', signal)
      return owners.flatMap((owner) => byOwner.get(name(owner)) ?? [])
    },
    async findByIds(ids, signal) {
      await turn('findByIds', signal)
      return [...byOwner.values()].filter((row) => ids.includes(row.id))
    },
    async insertAbsent(rows, signal) {
      await turn('insertAbsent', signal)
      return locked(async () => {
        for (const row of rows) {
          if (row.masterId === master?.id && !byOwner.has(name(row.owner))) byOwner.set(name(row.owner), row)
        }
        return rows.flatMap((row) => byOwner.get(name(row.owner)) ?? [])
      })
    },
    async destroy(owner, signal) {
      await turn('destroy', signal)
      byOwner.delete(name(owner))
    },
  }
  return memory
}
