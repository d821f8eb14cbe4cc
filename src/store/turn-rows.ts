import type { SQL } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { sql } from './drizzle.ts'
import { value } from './statement.ts'

/*
 * Conditions on rows of `turns`.
 */

/**
 * The turn as it was claimed: the fence against a worker that has lost it. The attempt alone would not do:
 * a server that fails may forget a claim, and give the same attempt to another worker.
 */
export const asClaimed = (turn: Turn): SQL => claimedBy(claimValues(turn))

/** The same in a statement that is given `claimValues`. */
export const held: SQL = claimedBy({
  owner: value('owner'),
  turn: value('turn'),
  attempt: value('attempt'),
  worker: value('worker'),
})

export const claimValues = ({ room, id, attempt, worker, revision }: Turn) => ({
  owner: room.owner,
  turn: id,
  attempt,
  worker,
  revision,
})

function claimedBy(claim: Readonly<Record<'owner' | 'turn' | 'attempt' | 'worker', unknown>>): SQL {
  return sql`(turns.owner_id = ${claim.owner} and turns.id = ${claim.turn}
    and turns.attempt = ${claim.attempt} and turns.worker = ${claim.worker})`
}

/**
 * It may collect again: nothing of it was shown or stopped, and no other turn collects in its place. What is said
 * unprompted collects nothing, and waits beside one that does.
 */
export const mayCollect: SQL = sql`(turns.state = 'running' and turns.shown_at is null and not turns.stop_requested
  and (turns.kind = 'unprompted' or not exists (
    select 1 from turns other where other.owner_id = turns.owner_id and other.room_id = turns.room_id
      and other.persona = turns.persona and other.state = 'pending' and other.kind <> 'unprompted')))`

/**
 * What comes of a turn that its worker ends. What was said while a refusal or a failure was told must not
 * be closed with it, unanswered; and what is shown must be what is remembered: another swipe was chosen
 * while one was delivered, or the beginning of a reply stands there that will not be finished.
 * Takes `revision` and `outcome`.
 */
export const stateAfter: SQL = sql`case
    when turns.revision <> ${value('revision')} and ${mayCollect} then 'pending'
    when turns.revision <> ${value('revision')} and turns.shown_at is not null then turns.state
    when turns.state = 'running' and turns.shown_at is not null and ${value('outcome')}::text in ('stopped', 'refused')
      and exists (select 1 from deliveries d
        where d.owner_id = turns.owner_id and d.turn_id = turns.id and d.removed_at is null) then 'answered'
    else 'closed' end`

/** In some worker's hands. */
export const working: SQL = sql`turns.state in ('running', 'answered')`

/** Nothing has come that the reply should know of; a stop after its first sign leaves what is there by then. */
export function unchanged(turn: Turn): SQL {
  return sql`(turns.revision = ${turn.revision} and (turns.shown_at is not null or not turns.stop_requested))`
}
