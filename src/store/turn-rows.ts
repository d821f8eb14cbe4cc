import type { SQL } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { and, eq, inArray, isNotNull, or } from './drizzle.ts'
import { turns } from './schema.ts'

/** The turn as it was claimed: its attempt is the fence against a worker that has lost it. */
export function asClaimed(turn: Turn): SQL | undefined {
  return and(eq(turns.ownerId, turn.room.owner), eq(turns.id, turn.id), eq(turns.attempt, turn.attempt))
}

/** In some worker's hands. */
export const working: SQL = inArray(turns.state, ['running', 'answered'])

/** Nothing has come that the reply should know of; what comes after the first sign of it does not count. */
export function unchanged(turn: Turn): SQL | undefined {
  return or(isNotNull(turns.shownAt), and(eq(turns.revision, turn.revision), eq(turns.stopRequested, false)))
}
