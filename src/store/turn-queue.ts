import { type TurnId, turnId } from '../core/ids.ts'
import type { TurnQueue } from '../core/store.ts'
import { answerTurn } from './answer-turn.ts'
import { claimTurns } from './claim-turns.ts'
import { runRelaxed, type StoreContext } from './context.ts'
import { confirmation, confirming, openDeliveries, reserveSlot } from './delivery-log.ts'
import { and, eq, inArray, or, sql } from './drizzle.ts'
import { turns } from './schema.ts'
import { statement, statements, value } from './statement.ts'
import { afterMs, now } from './time.ts'
import { asClaimed, claimValues, held, mayCollect, stateAfter, unchanged, working } from './turn-rows.ts'

/** Closes a turn with what was sent of it last, and says whether another one waits in its room. */
const closing = statements((sent: number) => {
  const confirmed = Array.from(
    { length: sent },
    (_, index) => sql`confirmed${sql.raw(String(index))} as (${confirming(index)})`,
  )
  return statement(
    `close ${sent}`,
    sql`
    ${sent > 0 ? sql`with ${sql.join(confirmed, sql`, `)}` : sql``}
    update turns set (state, outcome, closed_at, worker, lease_until) = (
      select next,
        case when next = 'closed' then ${value('outcome')}::text end,
        case when next = 'closed' then ${now} end,
        case when next = 'closed' then worker end,
        case when next <> 'closed' then ${now} end
      from (select ${stateAfter}) as after (next)
    )
    where ${held} and ${working}
    returning state, exists (
      select 1 from turns w where w.owner_id = turns.owner_id and w.room_id = turns.room_id
        and w.state = 'pending' and w.id <> turns.id) as next_waits`,
  )
})

export function createTurnQueue(context: StoreContext): TurnQueue {
  return {
    claim: (worker, accounts, personas, most, leaseMs) =>
      claimTurns(context, worker, accounts, personas, most, leaseMs),

    async countOpen(accounts, personas) {
      const { blindAccount, blindPersona } = context.directory
      const [row] = await runRelaxed(context, (db) =>
        db
          .select({ open: sql<number>`count(*)::integer` })
          .from(turns)
          .where(
            and(
              // As two conditions, each of which has an index of its own: closed turns are not read.
              or(eq(turns.state, 'pending'), working),
              inArray(turns.account, accounts.map(blindAccount)),
              inArray(turns.persona, personas.map(blindPersona)),
            ),
          ),
      )
      return row?.open ?? 0
    },

    async renew(turnsHeld, leaseMs) {
      if (turnsHeld.length === 0) return new Set()
      const rows = await runRelaxed(context, (db) =>
        db
          .update(turns)
          .set({ leaseUntil: afterMs(leaseMs) })
          .where(and(or(...turnsHeld.map(asClaimed)), working))
          .returning({ id: turns.id }),
      )
      return new Set<TurnId>(rows.map(({ id }) => turnId(id)))
    },

    async show(turn) {
      const shown = await runRelaxed(context, (db) =>
        db
          .update(turns)
          .set({
            shownAt: sql`coalesce(${turns.shownAt}, ${now})`,
            // Tries that show something are counted by themselves.
            failures: sql`case when ${turns.shownAt} is null then 0 else ${turns.failures} end`,
          })
          .where(and(asClaimed(turn), eq(turns.state, 'running'), unchanged(turn)))
          .returning({
            slots: sql<number>`(select count(*)::integer from deliveries d where d.owner_id = ${turns.ownerId} and d.turn_id = ${turns.id})`,
          }),
      )
      const [row] = shown
      if (row === undefined) return undefined
      const first = row.slots === 0 ? await reserveSlot(context, turn, 'first') : undefined
      if (first !== undefined) return [first]
      const known = await openDeliveries(context, turn)
      if (known.length > 0) return known
      const next = await reserveSlot(context, turn)
      return next === undefined ? undefined : [next]
    },

    answer: (turn, reply) => answerTurn(context, turn, reply),

    async putBack(turn, delayMs, failed) {
      await runRelaxed(context, (db) =>
        db
          .update(turns)
          .set({
            // What was shown stays with its turn: the next messages have one of their own by now.
            state: sql`case when ${mayCollect} then 'pending' else ${turns.state} end`,
            failures: failed ? sql`${turns.failures} + 1` : turns.failures,
            dueAt: sql`greatest(${turns.dueAt}, ${afterMs(delayMs)})`,
            worker: null,
            leaseUntil: now,
          })
          .where(and(asClaimed(turn), working)),
      )
    },

    async close(turn, outcome, sent = []) {
      const confirmed = await Promise.all(sent.map((each, index) => confirmation(context, turn, each, index)))
      const values = Object.assign({ ...claimValues(turn), outcome }, ...confirmed)
      const [ended] = await context.database.statement(closing(sent.length), values, { relaxed: true })
      if (ended?.state !== 'closed') return 'not-closed'
      return ended.next_waits === true ? 'next-waits' : 'closed'
    },
  }
}
