import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from './schema.ts'

/** drizzle, over whichever of the two drivers, or over one of its transactions. */
export type Drizzle = PgDatabase<PgQueryResultHKT, typeof schema>

export interface Script {
  /** Any number of statements, without parameters. */
  exec(statements: string): Promise<void>
  query(statement: string, parameters: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
}

/** An open database. The same repositories run over both kinds. */
export interface Database extends AsyncDisposable {
  readonly kind: 'pglite' | 'postgres'
  /** For people, without a password: `the built-in database in ./data/pglite`. */
  readonly where: string
  readonly drizzle: Drizzle
  /** One transaction for reviewed SQL files. Throws `HearthError`. */
  script<T>(work: (script: Script) => Promise<T>): Promise<T>
  /** Hears `NOTIFY` on a channel until disposed; also across lost connections, which may lose single ones. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<AsyncDisposable>
}
