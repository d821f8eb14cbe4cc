import type { DataKeyRow, KeyRepository, MasterRow, OwnerKind, StoredOwner } from '../vault/key-repository.ts'
import type { Database, Drizzle } from './database.ts'
import { and, eq, inArray, or, sql } from './drizzle.ts'
import { guarded } from './errors.ts'
import { dataKeys, masterKeys, participants } from './schema.ts'

/** The vault's rows, in the schema `keyring`. Takes no part in anybody's transaction. */
export function createKeyRepository(database: Database): KeyRepository {
  const db = database.drizzle
  const query = <T>(signal: AbortSignal, work: () => Promise<T>) =>
    guarded(database.where, async () => {
      signal.throwIfAborted()
      return await work()
    })

  return {
    readState: (signal) =>
      query(signal, async () => {
        const master = await readMaster(db)
        const [content] = await db.select({ id: participants.id }).from(participants).limit(1)
        return { master, holdsContent: content !== undefined }
      }),

    async changeMaster(decide, signal) {
      // What `decide` throws is the vault's own and must come out as it is.
      let thrown: unknown
      await query(signal, () =>
        db.transaction(async (transaction) => {
          await transaction.execute(sql`lock table ${masterKeys} in exclusive mode`)
          const current = await readMaster(transaction)
          const change = await decide(current).catch((error: unknown) => {
            thrown = error
            throw error
          })
          if (change === undefined) return
          await transaction.insert(masterKeys).values(change.master).onConflictDoNothing()
          for (const row of await transaction.select().from(dataKeys)) {
            const wrapped = change.rewrap(toDataKey(row))
            await transaction
              .update(dataKeys)
              .set({ masterId: change.master.id, wrapped })
              .where(eq(dataKeys.id, row.id))
          }
          if (current !== undefined && current.id !== change.master.id) {
            await transaction.delete(masterKeys).where(eq(masterKeys.id, current.id))
          }
        }),
      ).catch((error: unknown) => {
        throw thrown ?? error
      })
    },

    findByOwners: (owners, signal) =>
      query(signal, async () => {
        return owners.length === 0 ? [] : (await selectByOwners(db, owners)).map(toDataKey)
      }),

    findByIds: (ids, signal) =>
      query(signal, async () =>
        ids.length === 0
          ? []
          : (
              await db
                .select()
                .from(dataKeys)
                .where(inArray(dataKeys.id, [...ids]))
            ).map(toDataKey),
      ),

    insertAbsent: (rows, signal) =>
      query(signal, () =>
        db.transaction(async (transaction) => {
          await transaction.execute(sql`lock table ${masterKeys} in share mode`)
          const master = await readMaster(transaction)
          for (const row of rows.filter(({ masterId }) => masterId === master?.id)) {
            await transaction
              .insert(dataKeys)
              .values({
                id: row.id,
                ownerKind: row.owner.kind,
                ownerId: row.owner.id,
                masterId: row.masterId,
                wrapped: row.wrapped,
              })
              .onConflictDoNothing({ target: [dataKeys.ownerKind, dataKeys.ownerId] })
          }
          const standing = await selectByOwners(
            transaction,
            rows.map(({ owner }) => owner),
          )
          return standing.map(toDataKey)
        }),
      ),

    destroy: (owner, signal) =>
      query(signal, async () => {
        await db
          .delete(dataKeys)
          .where(and(eq(dataKeys.ownerKind, owner.kind), eq(dataKeys.ownerId, owner.id)))
      }),
  }
}

async function readMaster(db: Drizzle): Promise<MasterRow | undefined> {
  const [row] = await db.select({ id: masterKeys.id, proof: masterKeys.proof }).from(masterKeys).limit(1)
  return row
}

function selectByOwners(db: Drizzle, owners: readonly StoredOwner[]) {
  return db
    .select()
    .from(dataKeys)
    .where(or(...owners.map(({ kind, id }) => and(eq(dataKeys.ownerKind, kind), eq(dataKeys.ownerId, id)))))
}

function toDataKey(row: typeof dataKeys.$inferSelect): DataKeyRow {
  return {
    id: row.id,
    owner: { kind: row.ownerKind as OwnerKind, id: row.ownerId },
    masterId: row.masterId,
    wrapped: row.wrapped,
  }
}
