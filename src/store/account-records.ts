import type { AccountId } from '../core/ids.ts'
import type { AccountRecordKey } from '../core/people.ts'
import type { AccountRecordChange, AccountRecords } from '../core/store.ts'
import type { Place } from '../vault/seal.ts'
import { installation } from '../vault/vault.ts'
import { base64 } from './blind-names.ts'
import { run, type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, sql } from './drizzle.ts'
import { accountRecords } from './schema.ts'

/** Where a record stands, all of it blind. */
interface Row {
  readonly account: Uint8Array
  readonly collection: Uint8Array
  readonly lookup: Uint8Array
}

interface FilledRow extends Row {
  readonly record: Uint8Array
}

/** A statement takes at most 65,535 parameters, and four go into a row. */
const rowsMost = 4_000
const keyLengthBytes = 4

const place = ({ account, collection, lookup }: Row): Place => ({
  table: 'account_records',
  column: 'record',
  row: [account, collection, lookup].map(base64).join('.'),
})

/** The key goes in with its value: the lookup does not tell it. */
function encodeRecord(key: string, value: Uint8Array): Buffer {
  const name = Buffer.from(key)
  const length = Buffer.alloc(keyLengthBytes)
  length.writeUInt32BE(name.length)
  return Buffer.concat([length, name, value])
}

function decodeRecord(bytes: Uint8Array): readonly [string, Uint8Array] {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = keyLengthBytes + record.readUInt32BE(0)
  return [record.toString('utf8', keyLengthBytes, end), new Uint8Array(record.subarray(end))]
}

/** One statement: whoever waits for it waits for the disk once. No row is in both lists. */
async function change(db: Drizzle, filled: readonly FilledRow[], gone: readonly Row[]): Promise<void> {
  const list = (rows: readonly Row[], extra: (row: Row) => ReturnType<typeof sql>) =>
    sql.join(
      rows.map(
        (row) => sql`(${row.account}::bytea, ${row.collection}::bytea, ${row.lookup}::bytea${extra(row)})`,
      ),
      sql`, `,
    )
  const remove = sql`delete from account_records where (account, collection, lookup) in (${list(gone, () => sql``)})`
  const put = sql`
    insert into account_records (account, collection, lookup, record)
    values ${list(filled, (row) => sql`, ${(row as FilledRow).record}::bytea`)}
    on conflict (account, collection, lookup) do update set record = excluded.record`
  if (filled.length === 0) await db.execute(remove)
  else if (gone.length === 0) await db.execute(put)
  else await db.execute(sql`with gone as (${remove}) ${put}`)
}

const collectionRow = (
  { vault, directory }: Pick<StoreContext, 'vault' | 'directory'>,
  account: AccountId,
  collection: string,
) => ({
  account: directory.blindAccount(account),
  collection: vault.lookup({ kind: 'collection', account, collection }),
})

const blindRow = (
  context: Pick<StoreContext, 'vault' | 'directory'>,
  { account, collection, key }: AccountRecordKey,
): Row => ({
  ...collectionRow(context, account, collection),
  lookup: context.vault.lookup({ kind: 'record', account, collection, key }),
})

/** Within somebody else's transaction. */
export async function removeRecords(
  context: StoreContext,
  transaction: Drizzle,
  records: readonly AccountRecordKey[],
): Promise<void> {
  if (records.length > 0)
    await change(
      transaction,
      [],
      records.map((record) => blindRow(context, record)),
    )
}

export function createAccountRecords(context: StoreContext): AccountRecords {
  const { vault, signal } = context

  return {
    async read(account, collection) {
      const row = collectionRow(context, account, collection)
      const rows = await run(context, (db) =>
        db
          .select()
          .from(accountRecords)
          .where(and(eq(accountRecords.account, row.account), eq(accountRecords.collection, row.collection))),
      )
      const opened = await vault.openBytes(
        rows.map((found) => ({ sealed: found.record, place: place(found) })),
        signal,
      )
      // The installation's key is never destroyed, so nothing is missing among them.
      return new Map(opened.filter((bytes) => bytes !== undefined).map(decodeRecord))
    },

    async write(account, changes) {
      const last = new Map<string, AccountRecordChange>()
      for (const one of changes) last.set(JSON.stringify([one.collection, one.key]), one)
      if (last.size === 0) return
      using sealer = await vault.prepare([installation], signal)
      const filled: FilledRow[] = []
      const gone: Row[] = []
      for (const { collection, key, value } of last.values()) {
        const row = blindRow(context, { account, collection, key })
        if (value === undefined) gone.push(row)
        else filled.push({ ...row, record: sealer.seal(installation, place(row), encodeRecord(key, value)) })
      }
      if (filled.length + gone.length <= rowsMost) {
        await run(context, (db) => change(db, filled, gone))
        return
      }
      await transact(context, async (db) => {
        for (let at = 0; at < Math.max(filled.length, gone.length); at += rowsMost) {
          await change(db, filled.slice(at, at + rowsMost), gone.slice(at, at + rowsMost))
        }
      })
    },
  }
}
