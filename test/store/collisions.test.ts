import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StoreContext, transact } from '../../src/store/context.ts'
import type { Drizzle } from '../../src/store/database.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, query, scene } from './harness.ts'

/** Resolves for all when so many have come. */
function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let come = 0
  return async () => {
    come++
    if (come === count) resolve()
    if (come <= count) await promise
  }
}

describe('transactions that are in each other’s way', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** Rooms in which nothing was changed yet. */
  async function makeRooms(): Promise<readonly string[]> {
    const rooms = []
    for (let number = 0; number < 2; number++) rooms.push((await scene(opened).say('Hello.')).room.id)
    return rooms
  }
  const amend = (transaction: Drizzle, room: string | undefined) =>
    transaction.execute(sql`update rooms set amended = amended + 1 where id = ${room}`)
  const amended = async (rooms: readonly string[]) =>
    (await query(opened.database, sql`select amended::int as n from rooms where id in ${rooms}`)).map(
      ({ n }) => n,
    )
  const context = (): Pick<StoreContext, 'database'> => opened

  it('are all done where they wait for each other', async () => {
    const rooms = await makeRooms()
    const met = meeting(2)
    let tries = 0
    const inOrder = (order: readonly string[]) =>
      transact(context(), async (transaction) => {
        tries++
        await transaction.execute(sql`set local deadlock_timeout = '10ms'`)
        await amend(transaction, order[0])
        await met()
        await amend(transaction, order[1])
      })
    await Promise.all([inOrder(rooms), inOrder(rooms.toReversed())])
    expect(await amended(rooms)).toEqual([2, 2])
    expect(tries).toBeGreaterThan(2)
  })

  it('are all done where one has changed what the other has read', async () => {
    const rooms = await makeRooms()
    const met = meeting(2)
    const work = () =>
      transact(context(), async (transaction) => {
        await transaction.execute(sql`set transaction isolation level serializable`)
        await transaction.execute(sql`select amended from rooms where id = ${rooms[0]}`)
        await met()
        await amend(transaction, rooms[0])
      })
    await Promise.all([work(), work()])
    expect(await amended(rooms.slice(0, 1))).toEqual([2])
  })

  it('are given up in the end, as something to be tried again later', async () => {
    let tries = 0
    const fails = sql.raw(`do $$ begin raise exception using errcode = '40P01'; end $$`)
    const work = transact(context(), async (transaction) => {
      tries++
      await transaction.execute(fails)
    })
    await expect(work).rejects.toMatchObject({ code: 'database-error', retryable: true })
    expect(tries).toBe(5)
  })
})
