import type { Script } from './database.ts'
import { getTableConfig, is, PgTable } from './drizzle.ts'
import * as knockSchema from './knock-schema.ts'
import * as memorySchema from './memory-schema.ts'
import * as schema from './schema.ts'

/** Hearth's own: the database may be shared with others. */
export const ownTables: readonly { readonly schema: string | undefined; readonly name: string }[] =
  Object.values({
    ...schema,
    ...memorySchema,
    ...knockSchema,
  })
    .filter((each) => is(each, PgTable))
    .map((table) => getTableConfig(table))
    .map(({ schema, name }) => ({ schema, name }))

/** Of the tables with content, without those of the keyring; each after those that its rows point to. */
export async function contentTables({ query }: Pick<Script, 'query'>): Promise<readonly string[]> {
  const names = ownTables.filter(({ schema }) => schema === undefined).map(({ name }) => name)
  const rows = (await query(
    `select c.conrelid::regclass::text as child, c.confrelid::regclass::text as parent
    from pg_constraint c where c.contype = 'f' and c.conrelid <> c.confrelid`,
    [],
  )) as unknown as readonly { readonly child: string; readonly parent: string }[]
  const sorted: string[] = []
  const visit = (name: string): void => {
    if (sorted.includes(name)) return
    for (const { child, parent } of rows) if (child === name && names.includes(parent)) visit(parent)
    sorted.push(name)
  }
  for (const name of names) visit(name)
  return sorted
}
