import { and, eq, gte, inArray, isNull, lte, type SQL, sql } from 'drizzle-orm'
import type { Room, TurnKind } from '../core/conversation.ts'
import { newUuid, turnId } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { turns } from './schema.ts'
import { afterMs, now } from './time.ts'

/** The turns of the doorway's persona in a room. */
export function turnsOf({ directory }: StoreContext, doorway: Doorway, room: Room): SQL | undefined {
  return and(
    eq(turns.ownerId, room.owner),
    eq(turns.roomId, room.id),
    eq(turns.persona, directory.blindPersona(doorway.persona)),
  )
}

export const turnChange = { id: turns.id, revision: turns.revision, stopRequested: turns.stopRequested }

export async function announceTurn(
  { announcer }: StoreContext,
  transaction: Drizzle,
  turn: { readonly id: string; readonly revision: number; readonly stopRequested: boolean },
  dueInMs: number,
): Promise<void> {
  const { id, revision, stopRequested } = turn
  await announcer.announce(transaction, { turn: turnId(id), revision, stopRequested, dueInMs })
}

/** Extends the turn that still collects, or the one that works but has shown nothing, or opens one. */
export async function collectInTurn(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
  position: number,
  settleMs: number,
): Promise<void> {
  const extended = await transaction
    .update(turns)
    .set({
      until: position,
      // A greeting that was not shown yet gives way to the person who speaks first.
      since: sql`case when ${turns.kind} = 'greeting' then ${position} else ${turns.since} end`,
      kind: 'reply',
      revision: sql`${turns.revision} + 1`,
      // Somebody who never pauses is answered all the same, after five settle times.
      dueAt: sql`least(${afterMs(settleMs)}, greatest(${turns.createdAt} + ${5 * settleMs} * interval '1 millisecond', ${now}))`,
    })
    .where(
      and(
        turnsOf(context, doorway, room),
        inArray(turns.state, ['pending', 'running']),
        isNull(turns.shownAt),
        eq(turns.stopRequested, false),
      ),
    )
    .returning(turnChange)
  for (const turn of extended) await announceTurn(context, transaction, turn, settleMs)
  if (extended.length > 0) return
  await openTurn(context, transaction, doorway, room, { kind: 'reply', position, dueInMs: settleMs })
}

export async function openTurn(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
  turn: { readonly kind: TurnKind; readonly position: number; readonly dueInMs: number },
): Promise<void> {
  const id = newUuid()
  await transaction.insert(turns).values({
    ownerId: room.owner,
    id,
    roomId: room.id,
    account: context.directory.blindAccount(doorway.account),
    persona: context.directory.blindPersona(doorway.persona),
    kind: turn.kind,
    state: 'pending',
    since: turn.position,
    until: turn.position,
    dueAt: afterMs(turn.dueInMs),
  })
  await announceTurn(context, transaction, { id, revision: 0, stopRequested: false }, turn.dueInMs)
}

/** A change to what a turn answers, before anything of its reply was shown, makes the turn begin again. */
export async function changeTurnsOver(
  context: StoreContext,
  transaction: Drizzle,
  room: Room,
  position: number,
): Promise<void> {
  const changed = await transaction
    .update(turns)
    .set({ revision: sql`${turns.revision} + 1` })
    .where(
      and(
        eq(turns.ownerId, room.owner),
        eq(turns.roomId, room.id),
        inArray(turns.state, ['pending', 'running']),
        isNull(turns.shownAt),
        lte(turns.since, position),
        gte(turns.until, position),
      ),
    )
    .returning(turnChange)
  for (const turn of changed) await announceTurn(context, transaction, turn, 0)
}
