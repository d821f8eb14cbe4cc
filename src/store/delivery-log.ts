import type { SQL } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { externalId } from '../core/ids.ts'
import type { Delivery, DeliveryLog, SentPart } from '../core/store.ts'
import { runRelaxed, type StoreContext } from './context.ts'
import { and, asc, eq, isNull, sql } from './drizzle.ts'
import { messageLookup } from './message-rows.ts'
import { deliveries } from './schema.ts'
import { statement, value } from './statement.ts'
import { now } from './time.ts'
import { asClaimed, claimValues, held } from './turn-rows.ts'

export const deliveryPlace = (turn: string, slot: number) => ({
  table: 'deliveries',
  column: 'external_id',
  row: `${turn}.${slot}`,
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
          : externalId(
              await context.vault.openText({ place: deliveryPlace(turn.id, slot), sealed }, context.signal),
            ),
    })),
  )
}

const nextSlot = sql`(
  select coalesce(max(slot) + 1, 0) from deliveries d where d.owner_id = turns.owner_id and d.turn_id = turns.id)`

const reserving = (name: string, slot: SQL, onConflict: SQL) =>
  statement(
    `reserve ${name}`,
    sql`
    insert into deliveries (owner_id, turn_id, swipe, revision, slot)
    select owner_id, id, ${value('swipe')}::integer, ${value('revision')}::integer, ${slot}
    from turns
    where ${held}
    -- Whoever takes the turn over in the same moment waits, and finds the slot.
    for share
    ${onConflict}
    returning slot, (extract(epoch from first_tried_at) * 1000)::float8 as first_tried_ms`,
  )
const reservations = {
  next: reserving('next', nextSlot, sql``),
  first: reserving('first', sql`0`, sql`on conflict do nothing`),
}

/**
 * Takes the turn's next slot, or its first one; undefined when another worker has the turn by now, or when
 * the first one is taken: by the reply, which may become durable in the same moment.
 */
export async function reserveSlot(
  context: StoreContext,
  turn: Turn,
  which: keyof typeof reservations = 'next',
): Promise<Delivery | undefined> {
  const values = { ...claimValues(turn), swipe: turn.swipe }
  const [row] = await context.database.statement(reservations[which], values, { relaxed: true })
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

/** Writes down that the `index`th of several messages stands on the platform. Takes `confirmation`, and the claim. */
export const confirming = (index: number): SQL => sql`
  update deliveries set external_id = ${value(`external${index}`)}, lookup = ${value(`lookup${index}`)}
  where deliveries.owner_id = ${value('owner')} and deliveries.turn_id = ${value('turn')}
    and deliveries.slot = ${value(`slot${index}`)}
    and exists (select 1 from turns where ${held})`

export async function confirmation(
  context: StoreContext,
  turn: Turn,
  { slot, externalId }: SentPart,
  index: number,
): Promise<Readonly<Record<string, unknown>>> {
  const owner = context.directory.keyOwner(turn.room)
  using sealer = await context.vault.prepare([owner], context.signal)
  return {
    [`slot${index}`]: slot,
    [`external${index}`]: sealer.seal(owner, deliveryPlace(turn.id, slot), externalId),
    [`lookup${index}`]: messageLookup(context, turn.room, externalId),
  }
}

const confirmOne = statement('confirm', confirming(0))

export function createDeliveryLog(context: StoreContext): DeliveryLog {
  return {
    list: (turn) => openDeliveries(context, turn),
    reserve: (turn) => reserveSlot(context, turn),

    async confirm(turn, slot, external) {
      const values = await confirmation(context, turn, { slot, externalId: external }, 0)
      await context.database.statement(confirmOne, { ...claimValues(turn), ...values }, { relaxed: true })
    },

    async remove(turn, slot) {
      await runRelaxed(context, (db) =>
        db.update(deliveries).set({ removedAt: now }).where(ofSlot(turn, slot)),
      )
    },
  }
}
