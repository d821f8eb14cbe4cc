import type { SQL } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { and, eq, inArray, isNotNull, or, sql } from './drizzle.ts'
import { turns } from './schema.ts'

/**
 * The turn as it was claimed: the fence against a worker that has lost it. The attempt alone would not do:
 * a server that fails may forget a claim, and give the same attempt to another worker.
 */
export function asClaimed(turn: Turn): SQL | undefined {
  return and(
    eq(turns.ownerId, turn.room.owner),
    eq(turns.id, turn.id),
    eq(turns.attempt, turn.attempt),
    eq(turns.worker, turn.worker),
  )
}

/** It may collect again: nothing of it was shown or stopped, and no other turn collects in its place. */
export const mayCollect: SQL = sql`(${turns.state} = 'running' and ${turns.shownAt} is null and not ${turns.stopRequested}
  and not exists (
    select 1 from ${turns} other where other.owner_id = ${turns.ownerId} and other.room_id = ${turns.roomId}
      and other.persona = ${turns.persona} and other.state = 'pending'))`

/** In some worker's hands. */
export const working: SQL = inArray(turns.state, ['running', 'answered'])

/** Nothing has come that the reply should know of; what comes after the first sign of it does not count. */
export function unchanged(turn: Turn): SQL | undefined {
  return or(isNotNull(turns.shownAt), and(eq(turns.revision, turn.revision), eq(turns.stopRequested, false)))
}
