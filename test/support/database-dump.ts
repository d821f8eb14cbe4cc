import type { Database } from '../../src/store/database.ts'

/** Rows as Postgres writes them out, by the qualified name of their table. */
export type Dump = ReadonlyMap<string, readonly string[]>

/** `ours`: the tables that Hearth made. `everything`: the catalogues, statistics and activity of the server, too. */
export function dumpDatabase(database: Database, extent: 'ours' | 'everything'): Promise<Dump> {
  return database.script(async ({ query }) => {
    const relations = await query(
      `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where (c.relkind in ('r', 'm', 'p') or c.relname = 'pg_stat_activity')
         and ($1 or (n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'))
       order by 1`,
      [extent === 'everything'],
    )
    const dump = new Map<string, readonly string[]>()
    for (const { name } of relations) {
      const rows = await query(`select t::text as row from ${name} t order by 1`, [])
      dump.set(
        String(name),
        rows.map(({ row }) => String(row)),
      )
    }
    return dump
  })
}
