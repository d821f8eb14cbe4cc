import { externalId, turnId } from '../core/ids.ts'
import type { KeptTurn } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { deliveryPlace } from './delivery-log.ts'
import { and, asc, eq } from './drizzle.ts'
import { openEach } from './open-each.ts'
import { deliveries, type rooms, turns } from './schema.ts'

/** The work on the replies in a room of somebody's own. */
export async function readTurns(
  context: StoreContext,
  room: typeof rooms.$inferSelect,
): Promise<readonly KeptTurn[]> {
  const [rows, shown] = await Promise.all([
    run(context, (db) =>
      db
        .select()
        .from(turns)
        .where(and(eq(turns.ownerId, room.ownerId), eq(turns.roomId, room.id)))
        .orderBy(asc(turns.until), asc(turns.createdAt)),
    ),
    run(context, (db) =>
      db
        .select({
          turn: deliveries.turnId,
          slot: deliveries.slot,
          swipe: deliveries.swipe,
          external: deliveries.externalId,
          sentAt: deliveries.firstTriedAt,
          removedAt: deliveries.removedAt,
        })
        .from(deliveries)
        .innerJoin(turns, and(eq(turns.ownerId, deliveries.ownerId), eq(turns.id, deliveries.turnId)))
        .where(and(eq(turns.ownerId, room.ownerId), eq(turns.roomId, room.id)))
        .orderBy(asc(deliveries.slot)),
    ),
  ])
  const ids = await openEach(context)(
    shown,
    ({ turn, slot, external }) => external && { place: deliveryPlace(turn, slot), sealed: external },
  )
  return rows.map(({ id, persona, kind, state, swipe, failures, stopRequested, outcome, ...row }) => ({
    id: turnId(id),
    persona: context.directory.personaBehind(persona) ?? 'somebody',
    kind,
    state,
    swipe,
    failures,
    stopRequested,
    outcome,
    since: row.since,
    until: row.until,
    begunAt: row.createdAt,
    dueAt: row.dueAt,
    shownAt: row.shownAt,
    endedAt: row.closedAt,
    promptTokens: row.promptTokens,
    replyTokens: row.replyTokens,
    shownAs: shown.flatMap(({ turn, external: _, ...sent }, index) => {
      const shownAs = ids[index]
      if (turn !== id) return []
      return [{ ...sent, externalId: shownAs === undefined ? undefined : externalId(shownAs) }]
    }),
  }))
}
