import pg from 'pg'
import { expect, it } from 'vitest'
import { sql } from '../../src/store/drizzle.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { postgresDatabase } from '../support/databases.ts'
import { openTestStore, reply, scene } from './harness.ts'

const past = 3_000

it('a message in a room of years reads none of the turns that are over', async () => {
  await using place = await postgresDatabase()
  const url = place.environment.DATABASE_URL ?? ''
  const open = () => openPostgres(url)
  const make = async () => ({ ...place, open, [Symbol.asyncDispose]: async () => {} })
  {
    await using opened = await openTestStore({ name: 'Postgres', make })
    const here = scene(opened)
    await here.say('long ago')
    const { id } = await here.answer('very long ago')
    await opened.database.drizzle.execute(sql`
      insert into turns
      select (jsonb_populate_record(null::turns,
        to_jsonb(turns) || jsonb_build_object('id', gen_random_uuid(), 'until', 1 - n))).*
      from turns, generate_series(1, ${past}) n where id = ${id}`)
    // As the server does by itself from time to time.
    await opened.database.drizzle.execute(sql`analyze turns`)
    await here.say('now')
    const turn = await here.claim()
    expect(await here.texts(turn)).toContain('now')
    await opened.store.queue.show(turn)
    await opened.store.queue.answer(turn, reply('at once'))
    await opened.store.queue.close(turn, 'replied')
    await here.say('and again')
    await here.retry()
  }
  // With its connections the server's counters are complete.
  expect(await rowsRead(url)).toBeLessThan(past / 10)
})

/** How many rows of `turns`, or entries of its indexes, were looked at since the database was made. */
async function rowsRead(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ read: string }>(`
      select (select seq_tup_read from pg_stat_user_tables where relname = 'turns')
        + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'turns') as read`)
    return Number(rows[0]?.read)
  } finally {
    await client.end()
  }
}
