import type { SQL } from 'drizzle-orm'
import type { Room, RoomKey, TurnKind } from '../core/conversation.ts'
import { newUuid, turnId } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, desc, eq, inArray, sql } from './drizzle.ts'
import { turns } from './schema.ts'
import { afterMs } from './time.ts'

export type TurnRow = typeof turns.$inferSelect

/** The turns of the doorway's persona in a room. */
export function turnsOf({ directory }: StoreContext, doorway: Doorway, room: Room): SQL | undefined {
  return turnsBy(directory.blindPersona(doorway.persona), room)
}

function turnsBy(persona: Uint8Array, room: Room): SQL | undefined {
  return and(eq(turns.ownerId, room.owner), eq(turns.roomId, room.id), eq(turns.persona, persona))
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

export async function openTurn(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Pick<Doorway, 'account' | 'persona'>,
  room: Room,
  turn: {
    readonly kind: TurnKind
    readonly since: number
    readonly until: number
    readonly dueInMs: number
  },
): Promise<string> {
  const id = newUuid()
  await transaction.insert(turns).values({
    ownerId: room.owner,
    id,
    roomId: room.id,
    account: context.directory.blindAccount(doorway.account),
    persona: context.directory.blindPersona(doorway.persona),
    kind: turn.kind,
    state: 'pending',
    since: turn.since,
    until: turn.until,
    dueAt: afterMs(turn.dueInMs),
  })
  await announceTurn(context, transaction, { id, revision: 0, stopRequested: false }, turn.dueInMs)
  return id
}

/** A persona's last turn in the room, as the conversation goes; locked. */
export async function lastTurn(
  transaction: Drizzle,
  room: Room,
  persona: Uint8Array,
): Promise<TurnRow | undefined> {
  const [last] = await transaction
    .select()
    .from(turns)
    .where(turnsBy(persona, room))
    .orderBy(desc(turns.until), desc(turns.createdAt))
    .limit(1)
    .for('update')
  return last
}

/** It answers something that stands, or stood, at one of these positions. */
export const isOver = (positions: readonly number[]): SQL => sql`exists (
  select 1 from unnest(${sql.param(positions)}::bigint[]) as at (position)
  where at.position between ${turns.since} and ${turns.until})`

/** A change to what a turn answers makes it begin again, as long as its reply is not whole. */
export async function changeTurnsOver(
  context: StoreContext,
  transaction: Drizzle,
  room: RoomKey,
  positions: readonly number[],
): Promise<void> {
  const changed = await transaction
    .update(turns)
    .set({
      revision: sql`${turns.revision} + 1`,
      // What was shown by the time of a stop would be the reply to what is not said any more.
      stopRequested: sql`${turns.stopRequested} and ${turns.shownAt} is null`,
    })
    .where(
      and(
        eq(turns.ownerId, room.owner),
        eq(turns.roomId, room.id),
        inArray(turns.state, ['pending', 'running']),
        isOver(positions),
      ),
    )
    .returning(turnChange)
  for (const turn of changed) await announceTurn(context, transaction, turn, 0)
}
