import { DeviceId, initAsync, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { storeCorrupt } from './errors.ts'
import type { Journal } from './journal.ts'
import { type DatabaseShape, readShapes, restoreDatabases } from './object-store-shape.ts'
import { decodeValue, type StoredValue } from './stored-value.ts'

/** In front of the names of the library's databases. The same for every account: each has a thread of its own. */
const storeName = 'hearth'
const shapeKey = 'shape'
const ownerKey = 'owner'

/** The library writes its log here, and in it what should not be in ours. */
const silent = { debug() {}, info() {}, warn() {}, error() {} }

interface Owner {
  readonly user: string
  readonly device: string
}

/** Fills fake-indexeddb with what was stored. To be called before its changes are recorded. */
export async function restoreStores(
  records: ReadonlyMap<string, Uint8Array>,
  journal: Journal,
): Promise<void> {
  const shape = records.get(shapeKey)
  if (shape === undefined) {
    if (records.size > 0) throw storeCorrupt('the description of its tables is missing')
    return
  }
  try {
    const values: StoredValue[] = []
    for (const [name, bytes] of records) {
      if (name === shapeKey || name === ownerKey) continue
      const value = decodeValue(bytes)
      values.push(value)
      journal.restore(value.database, value.store, value.key)
    }
    await restoreDatabases(JSON.parse(Buffer.from(shape).toString()) as readonly DatabaseShape[], values)
  } catch (cause) {
    throw storeCorrupt('a record in it is damaged', cause)
  }
}

/** Throws `crypto-store-corrupt`, also where the keys are another device's. */
export async function openMachine(
  { user, device }: Owner,
  records: ReadonlyMap<string, Uint8Array>,
  journal: Journal,
): Promise<OlmMachine> {
  await initAsync()
  const owner = records.get(ownerKey)
  if (owner !== undefined && Buffer.from(owner).toString() !== JSON.stringify({ user, device })) {
    throw storeCorrupt('they belong to another device')
  }
  const machine = await OlmMachine.initialize(
    new UserId(user),
    new DeviceId(device),
    storeName,
    undefined,
    silent,
  ).catch((cause: unknown) => {
    throw storeCorrupt('the encryption library does not accept them', cause)
  })
  const shape = Buffer.from(JSON.stringify(await readShapes()))
  if (!shape.equals(records.get(shapeKey) ?? new Uint8Array())) journal.put(shapeKey, shape)
  if (owner === undefined) journal.put(ownerKey, Buffer.from(JSON.stringify({ user, device })))
  return machine
}
