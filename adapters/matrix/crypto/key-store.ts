import { HearthError } from '../../../src/core/errors.ts'
import type { AccountId } from '../../../src/core/ids.ts'
import type { AccountRecords } from '../../../src/core/store.ts'
import { storeCorrupt } from './errors.ts'
import type { ThreadOptions } from './thread.ts'

/** Each device's keys stand by themselves, so that what is damaged in one does not reach the next. */
const collectionOf = (device: string): string => `crypto ${device}`

/** Whether the device has ever written a key down. */
export async function hasKeys(account: AccountId, records: AccountRecords, device: string): Promise<boolean> {
  return (await records.read(account, collectionOf(device))).size > 0
}

/** Where the keys of the account's device are written down. Throws `crypto-store-corrupt`, and what the store throws. */
export function createKeyStore(
  account: AccountId,
  records: AccountRecords,
  device: string,
  previousDevice: string | undefined,
): Pick<ThreadOptions, 'read' | 'write'> {
  const collection = collectionOf(device)

  /** Once the new device has its own keys, the old one's are good for nothing. */
  async function forget(old: string): Promise<void> {
    const found = await records.read(account, collectionOf(old))
    const changes = [...found.keys()].map((key) => ({ collection: collectionOf(old), key, value: undefined }))
    if (changes.length > 0) await records.write(account, changes)
  }

  return {
    async read() {
      const own = await records.read(account, collection).catch((error: unknown) => {
        if (error instanceof HearthError && error.code === 'cannot-open')
          throw storeCorrupt('a record in it does not open', error)
        throw error
      })
      if (previousDevice === undefined || previousDevice === device)
        return { records: own, previous: undefined }
      if (own.size > 0) {
        await forget(previousDevice).catch(() => undefined)
        return { records: own, previous: undefined }
      }
      const old = await records
        .read(account, collectionOf(previousDevice))
        .catch(() => new Map<string, Uint8Array>())
      return { records: own, previous: { device: previousDevice, records: old } }
    },
    write: (changes) =>
      records.write(
        account,
        changes.map(({ key, value }) => ({ collection, key, value })),
      ),
  }
}
