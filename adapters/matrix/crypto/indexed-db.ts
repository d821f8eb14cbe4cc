import * as fake from 'fake-indexeddb'
import type { StoreKey } from './stored-value.ts'

/*
 * As much of IndexedDB's types as is used here. TypeScript has them in its library for browsers, which
 * would give the whole project a `window`.
 */
export interface Request<T> {
  readonly result: T
  readonly error: Error
  onsuccess: (() => void) | null
  onerror: (() => void) | null
  addEventListener(type: 'success', listener: () => void): void
}
export interface Index {
  readonly name: string
  readonly keyPath: string | string[]
  readonly unique: boolean
  readonly multiEntry: boolean
  readonly objectStore: ObjectStore
}
export interface ObjectStore {
  readonly name: string
  readonly keyPath: string | string[] | null
  readonly autoIncrement: boolean
  readonly indexNames: ArrayLike<string>
  readonly transaction: Transaction
  index(name: string): Index
  createIndex(
    name: string,
    keyPath: string | string[],
    options: { unique: boolean; multiEntry: boolean },
  ): Index
  put(value: unknown, key?: StoreKey): Request<StoreKey>
}
export interface Transaction {
  readonly db: Database
  readonly error: Error
  objectStore(name: string): ObjectStore
  addEventListener(type: 'complete' | 'abort', listener: () => void): void
}
export interface Cursor {
  readonly source: ObjectStore | Index
  readonly primaryKey: StoreKey
}
export interface Database {
  readonly name: string
  readonly version: number
  readonly objectStoreNames: ArrayLike<string>
  createObjectStore(name: string, options: Pick<ObjectStore, 'keyPath' | 'autoIncrement'>): ObjectStore
  transaction(stores: readonly string[], mode: 'readonly' | 'readwrite'): Transaction
  close(): void
}
interface Factory {
  databases(): Promise<readonly { readonly name: string; readonly version: number }[]>
  open(name: string, version?: number): Request<Database> & { onupgradeneeded: (() => void) | null }
}

/** The thread's databases, where the crypto library looks for them. */
export const databases = (): Factory => Reflect.get(globalThis, 'indexedDB') as Factory

/** From here on none of the databases are there that were. */
export function forgetDatabases(): void {
  Reflect.set(globalThis, 'indexedDB', new fake.IDBFactory())
}

export const objectStorePrototype = (fake.IDBObjectStore as unknown as { prototype: object }).prototype
export const cursorPrototype = (fake.IDBCursor as unknown as { prototype: object }).prototype

export function settle<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
