/**
 * Shows that the reviewed SQL in migrations/ and the drizzle schema in src/store/schema.ts describe the
 * same database: each makes one, and the catalogues of the two are compared line by line.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Database } from '../../src/store/database.ts'
import * as knockSchema from '../../src/store/knock-schema.ts'
import * as memorySchema from '../../src/store/memory-schema.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import * as baseSchema from '../../src/store/schema.ts'

const { generateDrizzleJson, generateMigration } = createRequire(import.meta.url)(
  'drizzle-kit/api',
) as typeof import('drizzle-kit/api')

/** Names that Postgres or drizzle make up differ and mean nothing; what they stand for is compared. */
const catalogue = `
  select 'column ' || table_schema || '.' || table_name || '.' || column_name || ' ' || udt_name
    || ' nullable:' || is_nullable || ' default:' || coalesce(column_default, '-') as line
  from information_schema.columns
  where table_schema in ('public', 'keyring') and table_name <> 'hearth_migrations'
  union all
  select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
  from pg_constraint
  where connamespace in ('public'::regnamespace, 'keyring'::regnamespace)
    and conrelid <> 0 and contype <> 'n' and conrelid::regclass::text <> 'hearth_migrations'
  union all
  select 'index ' || regexp_replace(indexdef, ' INDEX [^ ]+ ON ', ' INDEX ON ')
  from pg_indexes
  where schemaname in ('public', 'keyring') and tablename <> 'hearth_migrations'
  order by line`

async function describe(database: Database): Promise<readonly string[]> {
  const rows = await database.script((script) => script.query(catalogue, []))
  return rows.map(({ line }) => String(line))
}

const schema = { ...baseSchema, ...memorySchema, ...knockSchema }
const folder = await mkdtemp(path.join(tmpdir(), 'hearth-schema-'))
try {
  await using migrated = await openPglite(path.join(folder, 'migrated'))
  await migrate(migrated)
  await using drawn = await openPglite(path.join(folder, 'drawn'))
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson({ ...schema }))
  await drawn.script((script) => script.exec(statements.join('\n')))
  const reviewed = await describe(migrated)
  const declared = await describe(drawn)
  const onlyReviewed = reviewed.filter((line) => !declared.includes(line))
  const onlyDeclared = declared.filter((line) => !reviewed.includes(line))
  for (const line of onlyReviewed) process.stdout.write(`only in migrations/:        ${line}\n`)
  for (const line of onlyDeclared) process.stdout.write(`only in src/store/schema.ts: ${line}\n`)
  const same = onlyReviewed.length + onlyDeclared.length === 0
  process.stdout.write(
    same ? `schema: ${reviewed.length} lines, the same in both\n` : 'The schemas differ.\n',
  )
  process.exitCode = same ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
