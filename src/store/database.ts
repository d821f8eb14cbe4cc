import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from './schema.ts'
import type { Statement } from './statement.ts'

/** drizzle, over whichever of the two drivers, or over one of its transactions. */
export type Drizzle = PgDatabase<PgQueryResultHKT, typeof schema>

export interface Script {
  /** Any number of statements, without parameters. */
  exec(statements: string): Promise<void>
  query(statement: string, parameters: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
}

export interface NameLock extends AsyncDisposable {
  /** Aborted as soon as its connection has ended: from then on another process may have the name. */
  readonly lost: AbortSignal
  /**
   * Aborted when the name was lost with its connection and cannot be had again at once: another process
   * was quicker, or the server believes that the lost connection still lives. It is tried on all the same.
   */
  readonly contested: AbortSignal
}

/**
 * Names on one connection of its own, for who takes and gives back several. All of them are free when it ends,
 * however that happens. Each method throws where the connection has ended, or the server does not answer any more.
 */
export interface Locks extends AsyncDisposable {
  /** Aborted as soon as the connection has ended: from then on other processes may have every name. */
  readonly lost: AbortSignal
  /** Takes a name for this process alone; false when somebody has it, also this process itself. */
  take(name: string): Promise<boolean>
  giveBack(name: string): Promise<void>
  /** Takes part in a name, as any number of processes may; false when one has it alone. */
  join(name: string): Promise<boolean>
  leave(name: string): Promise<void>
  /** Who takes part in a name, in an order that is the same for all who ask. */
  members(name: string): Promise<readonly { readonly self: boolean }[]>
  /** Those of the names that nobody has. */
  free(names: readonly string[]): Promise<readonly string[]>
}

/** An open database. The same repositories run over both kinds. */
export interface Database extends AsyncDisposable {
  readonly kind: 'pglite' | 'postgres'
  /** For people, without a password: `the built-in database in ./data/pglite`. */
  readonly where: string
  readonly drizzle: Drizzle
  /**
   * The same database without waiting for the disk at commit (0.3 ms on a quiet disk, 10 ms on a busy one).
   * Only for what may be lost when the server's machine fails: leases, and what deliveries tell again.
   * What is committed durably later makes it durable too, since the log is in order.
   */
  readonly relaxed: Drizzle
  /** One statement of the hot path, in a transaction of its own. Throws `HearthError`. */
  statement(
    statement: Statement,
    values: Readonly<Record<string, unknown>>,
    options: { readonly relaxed: boolean },
  ): Promise<readonly Record<string, unknown>[]>
  /** One transaction for reviewed SQL files. Throws `HearthError`. */
  script<T>(work: (script: Script) => Promise<T>): Promise<T>
  /**
   * Takes a name for this process alone, until disposed or the process ends; undefined when another has it.
   * A server that restarts in between gives it free: then it is taken again.
   */
  lock(name: string): Promise<NameLock | undefined>
  /** Opens a connection for many names; unlike `lock`, none of them is taken again by itself. Throws `HearthError`. */
  locks(): Promise<Locks>
  /** Hears `NOTIFY` on a channel until disposed; also across lost connections, which may lose single ones. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<AsyncDisposable>
}
