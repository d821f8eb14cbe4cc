import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { run, transact } from '../../src/store/context.ts'
import type { Database } from '../../src/store/database.ts'
import { sql } from '../../src/store/drizzle.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { statement, value } from '../../src/store/statement.ts'
import { databases, pgliteDatabase, postgresDatabase } from '../support/databases.ts'
import { query } from './harness.ts'

const patience = { timeout: 15_000, interval: 20 }

describe.each(databases)('errors over $name', ({ make }) => {
  const stack = new AsyncDisposableStack()
  let database: Database
  beforeAll(async () => {
    database = stack.use(await stack.use(await make()).open())
  })
  afterAll(() => stack.disposeAsync())

  it('carry a code, and nothing of what was being written', async () => {
    const word = 'PLANTED'
    const failing = statement('failing', sql`select ${value('word')}::integer`)
    const works = [
      () => run({ database }, (db) => db.execute(sql`select ${word}::integer`)),
      () => transact({ database }, (db) => db.execute(sql`select ${word}::integer`)),
      () => database.statement(failing, { word }, { relaxed: true }),
      () => database.statement(failing, { word }, { relaxed: false }),
      () => database.script((script) => script.query('select $1::integer', [word])),
      () =>
        run({ database }, async (db) => {
          await db.execute(sql`create table if not exists planted (word text unique)`)
          await db.execute(sql`insert into planted values (${word})`)
          await db.execute(sql`insert into planted values (${word})`)
        }),
    ]
    for (const work of works) {
      const error = await work().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ name: 'HearthError', who: 'store', retryable: expect.any(Boolean) })
      const everything = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
      expect(everything).not.toContain(word)
    }
  })

  it('do not leave a transaction half done', async () => {
    await query(database, sql`create table halves (id int)`)
    const work = transact({ database }, async (db) => {
      await db.execute(sql`insert into halves values (1)`)
      throw new Error('in the middle')
    })
    await expect(work).rejects.toMatchObject({ who: 'store' })
    expect(await query(database, sql`select * from halves`)).toEqual([])
  })

  it('do not harm the listening that goes on beside them', async () => {
    const heard: string[] = []
    await using _ = await database.listen('a_channel', (payload) => heard.push(payload))
    await run({ database }, (db) => db.execute(sql`select no_such_function()`)).catch(() => {})
    await query(database, sql`select pg_notify('a_channel', 'hello'), pg_notify('another_channel', 'no')`)
    await expect.poll(() => heard, patience).toEqual(['hello'])
  })
})

describe('the built-in database', () => {
  it('is refused to a second process while the first has it, and given to it after that', async () => {
    await using place = await pgliteDatabase()
    {
      await using _first = await place.open()
      await expect(place.open()).rejects.toMatchObject({
        code: 'database-in-use',
        mend: expect.stringContaining('HEARTH_DATA'),
      })
    }
    await using second = await place.open()
    expect(await query(second, sql`select 1 as one`)).toEqual([{ one: 1 }])
  })

  it('says which folder it cannot make', async () => {
    await using place = await pgliteDatabase()
    const file = path.join(place.folder, 'a-file')
    await writeFile(file, '')
    await expect(openPglite(path.join(file, 'below'))).rejects.toMatchObject({ code: 'data-folder' })
  })
})

describe('a Postgres database', () => {
  const url = (change: (url: URL) => void) => {
    const changed = new URL(inject('postgresUrl'))
    change(changed)
    return changed.href
  }

  it('is refused with a clear code when its URL, password, name or server is wrong', async () => {
    const cases = {
      'database-url': ['no url at all', 'mysql://somebody@localhost/hearth', 'http://localhost/hearth'],
      'database-refused': [
        url((each) => (each.password = 'SECRET-wrong')),
        url((each) => (each.username = 'nobody')),
      ],
      'database-missing': [url((each) => (each.pathname = '/no_such_database'))],
      'database-unreachable': [
        url((each) => (each.port = '1')),
        url((each) => (each.hostname = 'no-such-host.invalid')),
      ],
    }
    for (const [code, urls] of Object.entries(cases)) {
      for (const each of urls) {
        const error = await openPostgres(each).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        expect(error, each).toMatchObject({ name: 'HearthError', code, mend: expect.any(String) })
        const everything = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
        expect(everything).not.toContain(new URL(inject('postgresUrl')).password)
        expect(everything).not.toContain('SECRET-wrong')
      }
    }
  })

  it('is unreachable while its server is gone, and works again when it is back', async () => {
    await using proxy = await openProxy(inject('postgresUrl'))
    await using database = await openPostgres(proxy.url)
    expect(await query(database, sql`select 1 as one`)).toEqual([{ one: 1 }])
    proxy.cut()
    const one = statement('one', sql`select 1 as one`)
    for (const relaxed of [true, false]) {
      await expect(database.statement(one, {}, { relaxed })).rejects.toMatchObject({
        code: 'database-unreachable',
        retryable: true,
      })
    }
    proxy.mend()
    expect(await database.statement(one, {}, { relaxed: true })).toEqual([{ one: 1 }])
  })

  it('listens again after the connection was lost, with one connection, however long it was away', async () => {
    await using proxy = await openProxy(inject('postgresUrl'))
    await using place = await postgresDatabase()
    await using direct = await place.open()
    const heard: string[] = []
    const name = new URL(place.environment.DATABASE_URL!).pathname
    await using database = await openPostgres(proxy.url.replace(/\/[^/]*$/, name))
    await using _ = await database.listen('a_channel', (payload) => heard.push(payload))
    const listening = async () =>
      await query(
        direct,
        sql`select pid from pg_stat_activity where datname = current_database() and application_name = 'hearth listen'`,
      )
    const hearAgain = () =>
      expect
        .poll(async () => {
          await query(direct, sql`select pg_notify('a_channel', 'hello')`)
          return heard.length
        }, patience)
        .toBeGreaterThan(0)
    await hearAgain()

    await query(direct, sql`select pg_terminate_backend(${(await listening())[0]!.pid}::integer)`)
    await expect.poll(listening, patience).toEqual([])
    heard.length = 0
    await hearAgain()

    proxy.cut()
    // Three tries in vain: each must not begin further ones.
    await expect.poll(() => proxy.refused(), patience).toBeGreaterThanOrEqual(3)
    proxy.mend()
    heard.length = 0
    await hearAgain()
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(await listening()).toHaveLength(1)
  })
})

/** A way to the server that can be cut, as a network is. */
async function openProxy(target: string) {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let open = true
  let refused = 0
  const server: Server = createServer((near) => {
    if (!open) {
      refused++
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = new URL(target)
  own.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    open = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: own.href,
    refused: () => refused,
    cut,
    mend() {
      open = true
    },
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
