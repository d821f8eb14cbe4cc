import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { externalId } from '../core/ids.ts'
import type { DeliveryLog } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { deliveries } from './schema.ts'
import { now } from './time.ts'

export function createDeliveryLog(context: StoreContext): DeliveryLog {
  const { directory, vault, signal } = context
  const place = (turn: Turn, slot: number) => ({
    table: 'deliveries',
    column: 'external_id',
    row: `${turn.id}.${slot}`,
  })
  const slotOf = (turn: Turn, slot: number) =>
    and(eq(deliveries.ownerId, turn.room.owner), eq(deliveries.turnId, turn.id), eq(deliveries.slot, slot))

  return {
    async list(turn) {
      const rows = await run(context, (db) =>
        db
          .select()
          .from(deliveries)
          .where(
            and(
              eq(deliveries.ownerId, turn.room.owner),
              eq(deliveries.turnId, turn.id),
              isNull(deliveries.removedAt),
            ),
          )
          .orderBy(asc(deliveries.slot)),
      )
      return await Promise.all(
        rows.map(async ({ slot, swipe, firstTriedAt, externalId: sealed }) => ({
          slot,
          swipe,
          firstTriedAt,
          externalId:
            sealed === null
              ? undefined
              : externalId(await vault.openText({ place: place(turn, slot), sealed }, signal)),
        })),
      )
    },

    async reserve(turn) {
      const [row] = await run(context, (db) =>
        db
          .insert(deliveries)
          .values({
            ownerId: turn.room.owner,
            turnId: turn.id,
            swipe: turn.swipe,
            slot: sql`(select coalesce(max(slot) + 1, 0) from deliveries d where d.owner_id = ${turn.room.owner} and d.turn_id = ${turn.id})`,
          })
          .returning({ slot: deliveries.slot, firstTriedAt: deliveries.firstTriedAt }),
      )
      if (row === undefined) throw new TypeError(`no slot for turn ${turn.id}`)
      return { ...row, swipe: turn.swipe, externalId: undefined }
    },

    async confirm(turn, slot, external) {
      const owner = directory.keyOwner(turn.room)
      const lookup = vault.lookup({
        kind: 'message',
        account: turn.room.account,
        room: turn.room.externalId,
        externalId: external,
      })
      using sealer = await vault.prepare([owner], signal)
      const sealed = sealer.seal(owner, place(turn, slot), external)
      await run(context, (db) =>
        db.update(deliveries).set({ externalId: sealed, lookup }).where(slotOf(turn, slot)),
      )
    },

    async remove(turn, slot) {
      await run(context, (db) => db.update(deliveries).set({ removedAt: now }).where(slotOf(turn, slot)))
    },
  }
}
