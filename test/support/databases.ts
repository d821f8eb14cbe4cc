import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'

/** A database of its own, empty, gone when disposed. */
export interface TestDatabase extends AsyncDisposable {
  readonly kind: Database['kind']
  open(): Promise<Database>
  /** For a whole process: the environment variables that make it use this database. */
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
}

export async function pgliteDatabase(template = inject('pgliteEmpty')): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-pglite-'))
  await cp(template, folder, { recursive: true })
  return {
    kind: 'pglite',
    folder,
    open: () => openPglite(folder),
    environment: { HEARTH_DATA: folder },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function postgresDatabase(template = 'template0'): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-data-'))
  const maintenance = inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(maintenance, `create database ${name} template ${template}`)
  const url = new URL(maintenance)
  url.pathname = `/${name}`
  return {
    kind: 'postgres',
    folder,
    open: () => openPostgres(url.href),
    environment: { HEARTH_DATA: folder, DATABASE_URL: url.href },
    async [Symbol.asyncDispose]() {
      await administer(maintenance, `drop database if exists ${name} with (force)`)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Both kinds, for suites that must hold over each. */
export const databases = [
  {
    name: 'PGlite',
    make: () => pgliteDatabase(),
    makeMigrated: () => pgliteDatabase(inject('pgliteMigrated')),
  },
  {
    name: 'Postgres',
    make: () => postgresDatabase(),
    makeMigrated: () => postgresDatabase(inject('postgresMigrated')),
  },
] as const

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
