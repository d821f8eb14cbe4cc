import pg from 'pg'
import { expect, it } from 'vitest'
import { sql } from '../../src/store/drizzle.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { databases } from '../support/databases.ts'
import { madeOf, openTestStore, reply, scene } from './harness.ts'

const past = 3_000

it('a message in a room of years reads none of the turns that are over', async () => {
  await using place = await databases[1].makeMigrated()
  const url = place.environment.DATABASE_URL ?? ''
  const open = () => openPostgres(url)
  const make = async () => ({ ...place, open, [Symbol.asyncDispose]: async () => {} })
  {
    await using opened = await openTestStore({ makeMigrated: make })
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
  expect(await rowsRead(url, 'turns')).toBeLessThan(past / 10)
})

it('a model is shown what is new in a room of years without a look at its old pictures', async () => {
  await using place = await databases[1].makeMigrated()
  const url = place.environment.DATABASE_URL ?? ''
  const open = () => openPostgres(url)
  const make = async () => ({ ...place, open, [Symbol.asyncDispose]: async () => {} })
  async function yearsAgo() {
    await using opened = await openTestStore({ makeMigrated: make })
    const here = scene(opened)
    const attachments = [{ kind: 'image', mediaType: 'image/gif', bytes: Buffer.from('GIF89a') } as const]
    const show = () =>
      opened.store.inbox.accept(here.doorway, { ...here.message('[an image]'), attachments }, 0)
    await show()
    await here.answer('very long ago')
    await opened.database.drizzle.execute(sql`
      with said as (
        insert into messages
        select (jsonb_populate_record(null::messages, to_jsonb(messages) || jsonb_build_object(
          'id', gen_random_uuid(), 'position', 1 - n, 'anchor', 1 - n, 'lookup', null))).*
        from messages, generate_series(1, ${past}) n where author = 'participant'
        returning owner_id, id)
      insert into attachments (owner_id, message_id, number, kind, content)
      select said.owner_id, said.id, 0, 'image', content from said, attachments`)
    await opened.database.drizzle.execute(sql`analyze messages, attachments`)
    await show()
    return await here.claim()
  }
  const turn = await yearsAgo()
  await ask(url, 'select pg_stat_reset()')
  {
    await using opened = await openTestStore({ makeMigrated: make })
    expect((await opened.store.history.readImages(turn, 1)).size).toBe(1)
  }
  expect(await rowsRead(url, 'messages')).toBeLessThan(past / 10)
  expect(await rowsRead(url, 'attachments')).toBeLessThan(past / 10)
})

it('lore that counts what was said in a room of years counts what is new', async () => {
  await using place = await databases[1].makeMigrated()
  const url = place.environment.DATABASE_URL ?? ''
  const open = () => openPostgres(url)
  const make = async () => ({ ...place, open, [Symbol.asyncDispose]: async () => {} })
  async function yearsAgo() {
    await using opened = await openTestStore({ makeMigrated: make })
    const here = scene(opened)
    await here.say('long ago')
    const { id } = await here.answer('very long ago')
    await opened.database.drizzle.execute(sql`
      with old as (
        insert into turns
        select (jsonb_populate_record(null::turns, to_jsonb(turns) || jsonb_build_object('id', gen_random_uuid(), 'until', 1 - n))).*
        from turns, generate_series(1, ${past}) n where id = ${id} returning id, until
      ), before as (
        select m.*, old.id as old, old.until from messages m, old where m.turn_id = ${id}
      )
      insert into messages
      select (jsonb_populate_record(null::messages, to_jsonb(before) || jsonb_build_object(
        'id', gen_random_uuid(), 'turn_id', old, 'position', until, 'anchor', until))).*
      from before`)
    await here.say('lately')
    const turn = await here.claim()
    const { counts } = await opened.store.history.readPast(turn)
    expect(counts).toEqual({ messages: past + 3, replies: past + 1 })
    await opened.store.queue.answer(turn, { ...reply('then'), made: madeOf(turn, counts) })
    await opened.store.queue.close(turn, 'replied')
    await opened.database.drizzle.execute(sql`analyze messages`)
    await here.say('now')
    return await here.claim()
  }
  const turn = await yearsAgo()
  await ask(url, 'select pg_stat_reset()')
  {
    await using opened = await openTestStore({ makeMigrated: make })
    const { counts } = await opened.store.history.readPast(turn)
    expect(counts).toEqual({ messages: past + 5, replies: past + 2 })
  }
  expect(await rowsRead(url, 'messages')).toBeLessThan(past / 10)
})

/** How many rows of a table, or entries of its indexes, were looked at since its counters began. */
async function rowsRead(url: string, table: string): Promise<number> {
  const [row] = await ask(
    url,
    `select (select seq_tup_read from pg_stat_user_tables where relname = '${table}')
      + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = '${table}') as read`,
  )
  return Number(row?.read)
}

/** On a connection of its own. */
async function ask(url: string, query: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(query)).rows
  } finally {
    await client.end()
  }
}
