import type { Database } from './database.ts'
import { ownTables } from './tables.ts'

export interface Statistics extends AsyncDisposable {
  /** So many messages more are stored. */
  grew(messages: number): void
}

/** After so many messages of this process, and each time after four times as many. */
const firstAfter = 32
const factor = 4

const tables = ownTables.map(({ schema, name }) =>
  schema === undefined ? `"${name}"` : `"${schema}"."${name}"`,
)

/**
 * Has the database look at how its tables are filled, for its plans; those that it has made are made anew. Until then
 * it takes every key for as good as any other, and read all of a person's messages to find one by its id: after 1,600
 * of them it took 12 ms to store a reply instead of 1 ms. A server looks by itself, after a minute; the built-in
 * database never does.
 */
export function createStatistics({ script }: Pick<Database, 'script'>): Statistics {
  let count = 0
  let next = firstAfter
  let looking: Promise<void> = Promise.resolve()

  return {
    grew(messages) {
      count += messages
      if (count < next) return
      while (next <= count) next *= factor
      // Without it everything is as right as with it, and slower.
      looking = script(({ exec }) => exec(`analyze ${tables.join(', ')}`)).catch(() => undefined)
    },
    [Symbol.asyncDispose]: () => looking,
  }
}
