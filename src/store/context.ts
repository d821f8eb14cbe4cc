import type { LruMap } from '../core/lru-map.ts'
import type { Vault } from '../vault/vault.ts'
import type { Announcer } from './announcements.ts'
import type { Database, Drizzle } from './database.ts'
import type { Directory } from './directory.ts'
import { guarded } from './errors.ts'
import type { KnownHistories } from './known-history.ts'
import type { Statistics } from './statistics.ts'

/** What every repository works with. */
export interface StoreContext {
  readonly database: Database
  readonly vault: Vault
  readonly directory: Directory
  readonly announcer: Announcer
  readonly known: KnownHistories
  readonly statistics: Pick<Statistics, 'grew'>
  /** By their lookups: messages that were taken back before anything was known of their room. */
  readonly takenBack: LruMap<string, true>
  /** Aborted when the store closes. */
  readonly signal: AbortSignal
}

/** One transaction; `work` may be done more than once, see `guarded`. Throws `HearthError`. */
export function transact<T>(
  { database }: Pick<StoreContext, 'database'>,
  work: (transaction: Drizzle) => Promise<T>,
): Promise<T> {
  return guarded(database.where, () => database.drizzle.transaction(work))
}

/** One statement, or several that need no transaction. Throws `HearthError`. */
export function run<T>(
  { database }: Pick<StoreContext, 'database'>,
  work: (drizzle: Drizzle) => Promise<T>,
): Promise<T> {
  return guarded(database.where, () => work(database.drizzle))
}

/** The same for what may be lost when the server's machine fails: see `Database.relaxed`. */
export function runRelaxed<T>(
  { database }: Pick<StoreContext, 'database'>,
  work: (drizzle: Drizzle) => Promise<T>,
): Promise<T> {
  return guarded(database.where, () => work(database.relaxed))
}
