import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { storeError } from '../core/errors.ts'
import type { Database, Script } from './database.ts'

/** The reviewed SQL files that ship with Hearth. */
export const migrationsFolder = path.join(import.meta.dirname, '../../migrations')

const fileName = /^\d{4}_[a-z0-9_]+\.sql$/
/** Any number, as long as nobody else on the server locks the same one: "hearth" on a telephone. */
const lockNumber = 432_784

/**
 * Some files had other numbers when the first databases had them, so a file is known by what is in it. This one was
 * changed too; what it did beyond the later one is undone by `0026_no_forgotten_replies.sql`.
 */
const earlier = {
  sha256: '8c052c30254b7f04767dc409cd00d42921d361befb1bca4e0e2565f1b08d34a1',
  now: '0013_recollections.sql',
}

export interface MigrationStatus {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => fileName.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(path.join(folder, name), 'utf8')
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** Which migrations the database has had; none where there is none yet. Changes nothing. Throws as `migrate` does. */
export async function migrationStatus(
  database: Database | undefined,
  folder: string = migrationsFolder,
): Promise<MigrationStatus> {
  const migrations = await readMigrations(folder)
  if (database === undefined) return compare([], migrations)
  return database.script(async (script) => {
    const [table] = await script.query("select to_regclass('hearth_migrations') is not null as present", [])
    return compare(table?.present === true ? await readApplied(script) : [], migrations)
  })
}

/**
 * Brings the schema up to date: each file in one transaction, forward only. Of several processes that
 * start at once one migrates and the others wait for it.
 *
 * `until`: the last that is applied; all of them without it. Returns the names of the files that this call applied. Throws `HearthError`: `database-newer` when
 * another version of Hearth has been here, `migration-changed` when a file was edited after it ran.
 */
export async function migrate(
  database: Database,
  folder: string = migrationsFolder,
  until?: string,
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder)
  const done: string[] = []
  for (;;) {
    const next = await database.script(async (script) => {
      await script.query('select pg_advisory_xact_lock($1)', [lockNumber])
      await script.exec(
        'create table if not exists hearth_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
      )
      const rows = await readApplied(script)
      const { pending } = compare(rows, migrations)
      for (const row of rows) {
        const file = fileOf(row, migrations)
        if (file !== undefined && file.name !== row.name)
          await script.query('update hearth_migrations set name = $1, sha256 = $2 where name = $3', [
            file.name,
            file.sha256,
            row.name,
          ])
      }
      const migration = migrations.find(({ name }) => name === pending[0])
      if (migration === undefined || (until !== undefined && migration.name > until)) return undefined
      await script.query('insert into hearth_migrations (name, sha256) values ($1, $2)', [
        migration.name,
        migration.sha256,
      ])
      await script.exec(migration.sql)
      return migration.name
    })
    if (next === undefined) return done
    done.push(next)
  }
}

interface Applied {
  readonly name: string
  readonly sha256: string
}

/**
 * The table itself is asked, never whether there is one: a connection that waited for the lock may still
 * believe that there is none, since Postgres forgets what it knew of a name only at a transaction's beginning.
 */
async function readApplied(script: Script): Promise<readonly Applied[]> {
  const rows = await script.query('select name, sha256 from hearth_migrations order by name', [])
  return rows as unknown as readonly Applied[]
}

function compare(rows: readonly Applied[], migrations: readonly Migration[]): MigrationStatus {
  const known = rows.map((row) => {
    const file = fileOf(row, migrations)
    if (file !== undefined) return file.name
    if (!migrations.some(({ name }) => name === row.name)) {
      throw storeError(
        `The database has had the migration ${row.name}, which this version of Hearth does not know.`,
        {
          code: 'database-newer',
          mend: 'Start the newer version of Hearth that made it, or restore a backup from before.',
        },
      )
    }
    throw storeError(`The file migrations/${row.name} was changed after the database had it.`, {
      code: 'migration-changed',
      mend: 'Restore the file as it was; a change to the schema goes into a new file.',
    })
  })
  const applied = known.sort()
  return { applied, pending: migrations.map(({ name }) => name).filter((name) => !applied.includes(name)) }
}

const fileOf = ({ sha256 }: Applied, migrations: readonly Migration[]): Migration | undefined =>
  migrations.find(
    (each) => each.sha256 === sha256 || (sha256 === earlier.sha256 && each.name === earlier.now),
  )
