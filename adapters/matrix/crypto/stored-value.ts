import { deserialize, serialize } from 'node:v8'

/** What IndexedDB takes as a key. */
export type StoreKey = string | number | Date | ArrayBuffer | ArrayBufferView | readonly StoreKey[]

/** One value in one object store. The key stands in it too, since its spelling below is one-way. */
export interface StoredValue {
  readonly database: string
  readonly store: string
  readonly key: StoreKey
  readonly value: unknown
}

/**
 * One spelling for each key, so that a later value takes an earlier one's place. Not what v8 writes: that
 * depends on how a string happens to lie in memory.
 */
function spell(key: StoreKey): string {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'number') return `n${key}`
  if (key instanceof Date) return `d${key.getTime()}`
  if (Array.isArray(key)) return `a${JSON.stringify(key.map(spell))}`
  const bytes = ArrayBuffer.isView(key)
    ? Buffer.from(key.buffer, key.byteOffset, key.byteLength)
    : Buffer.from(key as ArrayBuffer)
  return `b${bytes.toString('hex')}`
}

export const recordKey = (database: string, store: string, key: StoreKey): string =>
  JSON.stringify([database, store, spell(key)])

/** Structured clone, as IndexedDB itself keeps values: typed arrays, maps and dates come back as they were. */
export function encodeValue(value: StoredValue): Uint8Array {
  return serialize(value)
}

/** Throws where the bytes are not what `encodeValue` made. */
export function decodeValue(bytes: Uint8Array): StoredValue {
  const value: unknown = deserialize(bytes)
  if (typeof value !== 'object' || value === null || !('store' in value))
    throw new TypeError('not a stored value')
  return value as StoredValue
}
