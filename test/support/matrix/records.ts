import type { AccountRecordChange, AccountRecords } from '../../../src/core/store.ts'

/** What an account has written down, in memory: it outlives the adapter, as the database does. */
export function memoryRecords(): AccountRecords {
  const all = new Map<string, Map<string, Uint8Array>>()
  return {
    read: async (account, collection) => new Map(all.get(`${account} ${collection}`)),
    async write(account, changes: readonly AccountRecordChange[]) {
      for (const { collection, key, value } of changes) {
        const name = `${account} ${collection}`
        const place = all.get(name) ?? new Map<string, Uint8Array>()
        all.set(name, place)
        if (value === undefined) place.delete(key)
        else place.set(key, value)
      }
    },
  }
}
