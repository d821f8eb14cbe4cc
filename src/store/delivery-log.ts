import type { SQL } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { externalId } from '../core/ids.ts'
import type { Delivery, DeliveryLog, SentPart } from '../core/store.ts'
import { runRelaxed, type StoreContext } from './context.ts'
import { and, asc, eq, isNull, sql } from './drizzle.ts'
import { messageLookup } from './message-rows.ts'
import { deliveries } from './schema.ts'
import { now } from './time.ts'
import { asClaimed } from './turn-rows.ts'

const place = (turn: Turn, slot: number) => ({
  table: 'deliveries',
  column: 'external_id',
  row: `${turn.id}.${slot}`,
})

const ofTurn = (turn: Turn) => and(eq(deliveries.ownerId, turn.room.owner), eq(deliveries.turnId, turn.id))

/** A slot, as long as the turn is still in the hands of the worker that asks. */
const ofSlot = (turn: Turn, slot: number) =>
  sql`deliveries.owner_id = ${turn.room.owner} and deliveries.turn_id = ${turn.id} and deliveries.slot = ${slot}
    and exists (select 1 from turns where ${asClaimed(turn)})`

/** What stands on the platform, and what was meant to, in the order of the slots. */
export async function openDeliveries(context: StoreContext, turn: Turn): Promise<readonly Delivery[]> {
  const rows = await runRelaxed(context, (db) =>
    db
      .select()
      .from(deliveries)
      .where(and(ofTurn(turn), isNull(deliveries.removedAt)))
      .orderBy(asc(deliveries.slot)),
  )
  return await Promise.all(
    rows.map(async ({ slot, swipe, revision, firstTriedAt, externalId: sealed }) => ({
      slot,
      swipe,
      revision,
      firstTriedAt,
      externalId:
        sealed === null
          ? undefined
          : externalId(await context.vault.openText({ place: place(turn, slot), sealed }, context.signal)),
    })),
  )
}

const nextSlot = sql`(
  select coalesce(max(slot) + 1, 0) from deliveries d where d.owner_id = turns.owner_id and d.turn_id = turns.id)`

/**
 * Takes the turn's next slot, or its first one; undefined when another worker has the turn by now, or when
 * the first one is taken: by the reply, which may become durable in the same moment.
 */
export async function reserveSlot(
  context: StoreContext,
  turn: Turn,
  which: 'next' | 'first' = 'next',
): Promise<Delivery | undefined> {
  const statement = sql`
      insert into deliveries (owner_id, turn_id, swipe, revision, slot)
      select owner_id, id, ${turn.swipe}::integer, ${turn.revision}::integer, ${which === 'first' ? sql`0` : nextSlot}
      from turns
      where ${asClaimed(turn)}
      -- Whoever takes the turn over in the same moment waits, and finds the slot.
      for share
      ${which === 'first' ? sql`on conflict do nothing` : sql``}
      returning slot, (extract(epoch from first_tried_at) * 1000)::float8 as first_tried_ms`
  const [row] = await context.database.statement(`reserve ${which}`, statement, { relaxed: true })
  if (row === undefined) return undefined
  const { slot, first_tried_ms: firstTriedMs } = row
  return {
    slot: Number(slot),
    swipe: turn.swipe,
    revision: turn.revision,
    firstTriedAt: new Date(Number(firstTriedMs)),
    externalId: undefined,
  }
}

/** Writes down that a slot's message stands on the platform. */
export async function confirmation(
  context: StoreContext,
  turn: Turn,
  { slot, externalId }: SentPart,
): Promise<SQL> {
  const owner = context.directory.keyOwner(turn.room)
  using sealer = await context.vault.prepare([owner], context.signal)
  const sealed = sealer.seal(owner, place(turn, slot), externalId)
  return sql`
    update deliveries set external_id = ${sealed}, lookup = ${messageLookup(context, turn.room, externalId)}
    where ${ofSlot(turn, slot)}`
}

export function createDeliveryLog(context: StoreContext): DeliveryLog {
  return {
    list: (turn) => openDeliveries(context, turn),
    reserve: (turn) => reserveSlot(context, turn),

    async confirm(turn, slot, external) {
      const statement = await confirmation(context, turn, { slot, externalId: external })
      await context.database.statement('confirm', statement, { relaxed: true })
    },

    async remove(turn, slot) {
      await runRelaxed(context, (db) =>
        db.update(deliveries).set({ removedAt: now }).where(ofSlot(turn, slot)),
      )
    },
  }
}
