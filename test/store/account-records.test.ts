import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { describeAccountRecords } from '../contract/account-records.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, query } from './harness.ts'

describe.each(databases)('over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened[Symbol.asyncDispose]())

  describeAccountRecords(kind.name, async () => opened.store.records)

  it('a record that was moved to another account does not open', async () => {
    const { database, store } = opened
    const [one, other] = [accountId('moved'), accountId('taker')]
    await store.records.write(one, [{ collection: 'c', key: 'k', value: Uint8Array.of(1) }])
    await store.records.write(other, [{ collection: 'c', key: 'other', value: Uint8Array.of(2) }])
    const blind = (account: typeof one) => opened.vault.lookup({ kind: 'account', account })
    const collection = (account: typeof one) =>
      opened.vault.lookup({ kind: 'collection', account, collection: 'c' })
    await query(
      database,
      sql`update account_records set account = ${blind(other)}, collection = ${collection(other)} where account = ${blind(one)}`,
    )
    await expect(store.records.read(other, 'c')).rejects.toMatchObject({ code: 'cannot-open' })
  })
})
