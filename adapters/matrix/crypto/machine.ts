import { DeviceId, initAsync, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { storeCorrupt } from './errors.ts'
import type { Journal } from './journal.ts'
import { type DatabaseShape, readShapes, restoreDatabases } from './object-store-shape.ts'
import { decodeValue } from './stored-value.ts'

/** In front of the names of the library's databases. The same for every account: each has a thread of its own. */
const storeName = 'hearth'
const shapeKey = 'shape'
/** These are ours; every other record is a value of the library's. */
const ownKeys = new Set([shapeKey, 'luggage'])

/** The library writes its log here, and in it what should not be in ours. */
const silent = { debug() {}, info() {}, warn() {}, error() {} }

export interface Owner {
  readonly user: string
  readonly device: string
}

/** Fills fake-indexeddb with what was stored. To be called before its changes are recorded. Throws `crypto-store-corrupt`. */
export async function restoreStores(
  records: ReadonlyMap<string, Uint8Array>,
  restored: Journal['restore'],
): Promise<void> {
  if (records.size === 0) return
  const shape = records.get(shapeKey)
  if (shape === undefined) throw storeCorrupt('its beginning is missing')
  try {
    const values = [...records].filter(([key]) => !ownKeys.has(key)).map(([, bytes]) => decodeValue(bytes))
    for (const { database, store, key } of values) restored(database, store, key)
    await restoreDatabases(JSON.parse(Buffer.from(shape).toString()) as readonly DatabaseShape[], values)
  } catch (cause) {
    throw storeCorrupt('a record in it is damaged', cause)
  }
}

/** Throws `crypto-store-corrupt`. */
export async function openMachine({ user, device }: Owner): Promise<OlmMachine> {
  await initAsync()
  try {
    const [userId, deviceId] = [new UserId(user), new DeviceId(device)]
    return await OlmMachine.initialize(userId, deviceId, storeName, undefined, silent)
  } catch (cause) {
    throw storeCorrupt('the encryption library does not accept them', cause)
  }
}

/** Records how the library's databases are made, where that has changed. */
export async function describeStores(
  records: ReadonlyMap<string, Uint8Array>,
  journal: Journal,
): Promise<void> {
  const shape = Buffer.from(JSON.stringify(await readShapes()))
  if (!shape.equals(records.get(shapeKey) ?? new Uint8Array())) journal.put(shapeKey, shape)
}
