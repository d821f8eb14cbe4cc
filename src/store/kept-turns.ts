import { externalId } from '../core/ids.ts'
import type { KeptTurn } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { deliveryPlace } from './delivery-log.ts'
import { and, asc, eq } from './drizzle.ts'
import { openEach } from './open-each.ts'
import { deliveries, type rooms, turns } from './schema.ts'

/** The work on the replies in a room of somebody's own. */
export async function readTurns(
  context: StoreContext,
  row: typeof rooms.$inferSelect,
): Promise<readonly KeptTurn[]> {
  const [rows, shown] = await Promise.all([
    run(context, (db) =>
      db
        .select()
        .from(turns)
        .where(and(eq(turns.ownerId, row.ownerId), eq(turns.roomId, row.id)))
        .orderBy(asc(turns.until), asc(turns.createdAt)),
    ),
    run(context, (db) =>
      db
        .select({ turn: deliveries.turnId, slot: deliveries.slot, external: deliveries.externalId })
        .from(deliveries)
        .innerJoin(turns, and(eq(turns.ownerId, deliveries.ownerId), eq(turns.id, deliveries.turnId)))
        .where(and(eq(turns.ownerId, row.ownerId), eq(turns.roomId, row.id)))
        .orderBy(asc(deliveries.slot)),
    ),
  ])
  const ids = await openEach(context)(
    shown,
    ({ turn, slot, external }) => external && { place: deliveryPlace(turn, slot), sealed: external },
  )
  return rows.map(({ id, kind, outcome, since, until, createdAt, closedAt, promptTokens, replyTokens }) => ({
    kind,
    outcome,
    since,
    until,
    begunAt: createdAt,
    endedAt: closedAt,
    promptTokens,
    replyTokens,
    shownAs: shown.flatMap(({ turn }, index) => {
      const shownAs = ids[index]
      return turn !== id || shownAs === undefined ? [] : [externalId(shownAs)]
    }),
  }))
}
