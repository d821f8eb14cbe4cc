import type { Placeholder, SQL } from 'drizzle-orm'
import { sql } from './drizzle.ts'

/**
 * Leases and due times are measured by the database's clock alone: it is the one that all processes
 * share. It is the clock at the statement, not at the transaction's beginning.
 */
export const now: SQL<Date> = sql`clock_timestamp()`

export function afterMs(ms: number | Placeholder): SQL<Date> {
  return sql`clock_timestamp() + ${ms} * interval '1 millisecond'`
}
