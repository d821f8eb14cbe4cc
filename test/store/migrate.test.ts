import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { sql } from '../../src/store/drizzle.ts'
import { migrate, migrationStatus, migrationsFolder } from '../../src/store/migrate.ts'
import { databases } from '../support/databases.ts'
import { query } from './harness.ts'

describe.each(databases)('migrations over $name', ({ make }) => {
  const stack = new AsyncDisposableStack()
  let place: Awaited<ReturnType<typeof make>>
  let database: Database
  beforeAll(async () => {
    place = stack.use(await make())
    database = stack.use(await place.open())
  })
  beforeEach(async () => {
    for (const schema of ['public', 'keyring']) {
      await database.drizzle.execute(sql.raw(`drop schema if exists ${schema} cascade`))
    }
    await database.drizzle.execute(sql.raw('create schema public'))
  })
  afterAll(() => stack.disposeAsync())

  const tables = async () =>
    (
      await query(
        database,
        sql`select table_name from information_schema.tables where table_schema = 'public'`,
      )
    ).map((row) => row.table_name)

  it('run once, and are reported as they stand', async () => {
    const before = await migrationStatus(database)
    expect(before.applied).toEqual([])
    expect(before.pending).toContain('0001_spine.sql')
    expect(await tables()).toEqual([])
    expect(await migrate(database)).toEqual(before.pending)
    expect(await migrate(database)).toEqual([])
    expect(await migrationStatus(database)).toEqual({ applied: before.pending, pending: [] })
    expect(await tables()).toContain('messages')
  })

  it('run once when several start at the same moment', async () => {
    const handles =
      database.kind === 'postgres'
        ? [database, stack.use(await place.open()), stack.use(await place.open())]
        : [database, database]
    const applied = await Promise.all(handles.map((handle) => migrate(handle)))
    const { pending: none, applied: all } = await migrationStatus(database)
    expect(none).toEqual([])
    expect(applied.flat().sort()).toEqual(all)
  })

  it('refuse a database that a newer version has changed', async () => {
    await migrate(database)
    await query(database, sql`insert into hearth_migrations (name, sha256) values ('9999_future.sql', 'x')`)
    for (const call of [migrate, migrationStatus]) {
      await expect(call(database)).rejects.toMatchObject({ who: 'store', code: 'database-newer' })
    }
  })

  it('refuse a file that was changed after it ran', async () => {
    await migrate(database)
    await query(database, sql`update hearth_migrations set sha256 = 'another' where name = '0001_spine.sql'`)
    await expect(migrate(database)).rejects.toMatchObject({ who: 'store', code: 'migration-changed' })
  })

  it('are known by what is in them, also where they had another number', async () => {
    await migrate(database)
    await query(
      database,
      sql`update hearth_migrations set name = '0014_recollections.sql',
        sha256 = '8c052c30254b7f04767dc409cd00d42921d361befb1bca4e0e2565f1b08d34a1'
        where name = '0013_recollections.sql'`,
    )
    await query(
      database,
      sql`update hearth_migrations set name = '0015_made.sql' where name = '0019_made.sql'`,
    )
    await query(database, sql`delete from hearth_migrations where name = '0026_no_forgotten_replies.sql'`)
    for (const [table, name] of [
      ['messages', 'messages_forget_replies'],
      ['facts', 'facts_forget_replies'],
    ]) {
      await query(
        database,
        sql.raw(
          `create or replace function forget_replies() returns trigger language plpgsql as 'begin return null; end'`,
        ),
      )
      await query(
        database,
        sql.raw(
          `create trigger ${name} after delete on ${table} for each row execute function forget_replies()`,
        ),
      )
    }
    const { applied, pending } = await migrationStatus(database)
    expect(applied).toContain('0019_made.sql')
    expect(pending).toEqual(['0026_no_forgotten_replies.sql'])
    expect(await migrate(database)).toEqual(pending)
    expect(await migrate(database)).toEqual([])
    const names = await query(database, sql`select name from hearth_migrations order by name`)
    expect(names.map(({ name }) => name)).toEqual([...applied, ...pending])
    expect(await query(database, sql`select 1 from pg_trigger where tgname like '%forget_replies%'`)).toEqual(
      [],
    )
  })

  it('leave nothing of a file that fails, and keep those before it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hearth-migrations-'))
    try {
      await writeFile(path.join(folder, '0001_one.sql'), 'create table one (id int);')
      await writeFile(
        path.join(folder, '0002_two.sql'),
        'create table two (id int); create table one (id int);',
      )
      await writeFile(path.join(folder, 'notes.txt'), 'not a migration')
      await expect(migrate(database, folder)).rejects.toMatchObject({ who: 'store' })
      expect(await migrationStatus(database, folder)).toEqual({
        applied: ['0001_one.sql'],
        pending: ['0002_two.sql'],
      })
      expect((await tables()).sort()).toEqual(['hearth_migrations', 'one'])
      await writeFile(path.join(folder, '0002_two.sql'), 'create table two (id int);')
      expect(await migrate(database, folder)).toEqual(['0002_two.sql'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

it('the first migration stores no content in a readable column', async () => {
  const text = await readFile(path.join(migrationsFolder, '0001_spine.sql'), 'utf8')
  for (const column of [
    'content',
    'external_id',
    'display_name',
    'lookup',
    'account',
    'persona',
    'wrapped',
  ]) {
    for (const [, type] of text.matchAll(new RegExp(`^\\s+${column} (\\w+)`, 'gm')))
      expect(type, column).toBe('bytea')
  }
})
