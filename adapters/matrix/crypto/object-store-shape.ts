import { databases, type Index, type ObjectStore, settle } from './indexed-db.ts'
import type { StoredValue } from './stored-value.ts'

/** The databases that the crypto library made: written down, because an upgrade of it begins with the old ones. */
export interface DatabaseShape {
  readonly name: string
  readonly version: number
  readonly stores: readonly StoreShape[]
}

interface StoreShape extends Pick<ObjectStore, 'name' | 'keyPath' | 'autoIncrement'> {
  readonly indexes: readonly Pick<Index, 'name' | 'keyPath' | 'unique' | 'multiEntry'>[]
}

/** Of all databases of this thread. */
export async function readShapes(): Promise<readonly DatabaseShape[]> {
  const shapes: DatabaseShape[] = []
  for (const { name } of await databases().databases()) {
    const database = await settle(databases().open(name))
    const names = Array.from(database.objectStoreNames)
    const transaction = names.length === 0 ? undefined : database.transaction(names, 'readonly')
    const stores = names.flatMap((storeName): StoreShape[] => {
      const store = transaction?.objectStore(storeName)
      if (store === undefined) return []
      const indexes = Array.from(store.indexNames, (indexName) => {
        const { keyPath, unique, multiEntry } = store.index(indexName)
        return { name: indexName, keyPath, unique, multiEntry }
      })
      return [{ name: storeName, keyPath: store.keyPath, autoIncrement: store.autoIncrement, indexes }]
    })
    shapes.push({ name, version: database.version, stores })
    database.close()
  }
  return shapes
}

/** Makes the databases as they were, with what was in them. */
export async function restoreDatabases(
  shapes: readonly DatabaseShape[],
  values: readonly StoredValue[],
): Promise<void> {
  for (const shape of shapes) {
    const opening = databases().open(shape.name, shape.version)
    opening.onupgradeneeded = () => {
      for (const { name, keyPath, autoIncrement, indexes } of shape.stores) {
        const store = opening.result.createObjectStore(name, { keyPath, autoIncrement })
        for (const index of indexes) store.createIndex(index.name, index.keyPath, index)
      }
    }
    const database = await settle(opening)
    const own = values.filter((value) => value.database === shape.name)
    if (own.length > 0) {
      const transaction = database.transaction([...new Set(own.map(({ store }) => store))], 'readwrite')
      const done = new Promise<void>((resolve, reject) => {
        transaction.addEventListener('complete', resolve)
        transaction.addEventListener('abort', () => reject(transaction.error))
      })
      for (const { store: name, key, value } of own) {
        const store = transaction.objectStore(name)
        store.put(value, ...(store.keyPath === null ? [key] : []))
      }
      await done
    }
    database.close()
  }
}
