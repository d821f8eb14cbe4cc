import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Database } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres } from './postgres.ts'
import { keptFolder } from './test-cache.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database of a real Postgres server. */
    readonly postgresUrl: string
    /** Folders with a built-in database, empty and migrated: making one takes 4 s, and copying it 0.1 s. */
    readonly pgliteEmpty: string
    readonly pgliteMigrated: string
    /** The name of a migrated database on the server, to be copied. */
    readonly postgresMigrated: string
  }
}

/** One real Postgres server for the whole run; each test file makes databases of its own on it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-templates-'))
  // The server starts in a process of its own meanwhile.
  const [server] = await Promise.all([
    startPostgres({ durable: false }),
    makeTemplates(project, path.join(folder, 'migrated')),
  ])
  project.provide('postgresUrl', server.url('postgres'))
  const url = await server.createDatabase()
  await migrateAndClose(await openPostgres(url))
  project.provide('postgresMigrated', new URL(url).pathname.slice(1))
  return async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeTemplates(project: TestProject, migrated: string): Promise<void> {
  const empty = await keptFolder(await nameOfEmpty(), async (draft) => {
    await (await openPglite(draft))[Symbol.asyncDispose]()
  })
  await cp(empty, migrated, { recursive: true })
  await migrateAndClose(await openPglite(migrated))
  project.provide('pgliteEmpty', empty)
  project.provide('pgliteMigrated', migrated)
}

/** What an empty built-in database is depends on PGlite, and on how it is opened. */
async function nameOfEmpty(): Promise<string> {
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const hash = createHash('sha256')
  const opener = path.join(import.meta.dirname, '../../src/store/pglite.ts')
  for (const file of [path.join(pglite, '../../package.json'), opener]) hash.update(await readFile(file))
  return `pglite-${hash.digest('hex').slice(0, 12)}`
}

async function migrateAndClose(opened: Database): Promise<void> {
  await using database = opened
  await migrate(database)
}
