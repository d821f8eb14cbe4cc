import { and, eq, inArray, isNotNull, or, type SQL, sql } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { type AccountId, newUuid, ownerId, type PersonaId, roomId, type TurnId, turnId } from '../core/ids.ts'
import type { TurnQueue } from '../core/store.ts'
import { run, type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { codeOf, uniqueViolation } from './errors.ts'
import { nextPosition } from './room-position.ts'
import { messages, personaRooms, turns } from './schema.ts'
import { afterMs, now } from './time.ts'

/**
 * A clock that was set back must not hold a turn for as long as it was wrong: no lease and no wait
 * is as long as this, so what seems longer is over.
 */
const waitMostMs = 600_000

export function createTurnQueue(context: StoreContext): TurnQueue {
  const { directory, vault, signal } = context

  async function claimOnce(
    db: Drizzle,
    worker: string,
    accounts: ReadonlyMap<string, AccountId>,
    personas: readonly PersonaId[],
    leaseMs: number,
  ): Promise<typeof turns.$inferSelect | undefined> {
    const [claimed] = await db
      .update(turns)
      .set({
        state: sql`case when ${turns.state} = 'pending' then 'running' else ${turns.state} end`,
        attempt: sql`${turns.attempt} + 1`,
        worker,
        leaseUntil: afterMs(leaseMs),
      })
      .where(
        sql`(${turns.ownerId}, ${turns.id}) = (
          select t.owner_id, t.id from ${turns} t
          where t.account in ${[...accounts.values()].map((account) => directory.blindAccount(account))}
            and t.persona in ${personas.map((persona) => directory.blindPersona(persona))}
            and (t.due_at <= ${now} or t.due_at > ${afterMs(waitMostMs)})
            and (
              (t.state = 'pending' and not exists (
                select 1 from ${turns} w where w.owner_id = t.owner_id and w.room_id = t.room_id
                  and w.persona = t.persona and w.state in ('running', 'answered')))
              or (t.state in ('running', 'answered')
                and (t.lease_until <= ${now} or t.lease_until > ${afterMs(waitMostMs)}))
            )
          order by t.due_at limit 1 for update skip locked)`,
      )
      .returning()
    return claimed
  }

  const mine = (turn: Turn): SQL | undefined =>
    and(eq(turns.ownerId, turn.room.owner), eq(turns.id, turn.id), eq(turns.attempt, turn.attempt))
  const unchanged = (turn: Turn): SQL | undefined =>
    or(isNotNull(turns.shownAt), and(eq(turns.revision, turn.revision), eq(turns.stopRequested, false)))

  return {
    async claim(worker, accounts, personas, leaseMs) {
      if (accounts.length === 0 || personas.length === 0) return undefined
      const byBlind = new Map(accounts.map((account) => [hex(directory.blindAccount(account)), account]))
      const row = await run(context, async (db) => {
        try {
          return await claimOnce(db, worker, byBlind, personas, leaseMs)
        } catch (error) {
          // Two workers took two turns of one persona in one room at once: the index lets one through.
          if (codeOf(error) === uniqueViolation) return undefined
          throw error
        }
      })
      if (row === undefined) return undefined
      const account = byBlind.get(hex(row.account))
      const persona = directory.personaBehind(row.persona)
      if (account === undefined || persona === undefined)
        throw new TypeError('a turn of nobody here was claimed')
      return {
        id: turnId(row.id),
        room: await directory.readRoom(ownerId(row.ownerId), roomId(row.roomId), account),
        persona,
        kind: row.kind,
        state: row.state,
        revision: row.revision,
        swipe: row.swipe,
        attempt: row.attempt,
        failures: row.failures,
        stopRequested: row.stopRequested,
      }
    },

    async renew(held, leaseMs) {
      if (held.length === 0) return new Set()
      const rows = await run(context, (db) =>
        db
          .update(turns)
          .set({ leaseUntil: afterMs(leaseMs) })
          .where(and(or(...held.map(mine)), inArray(turns.state, ['running', 'answered'])))
          .returning({ id: turns.id }),
      )
      return new Set<TurnId>(rows.map(({ id }) => turnId(id)))
    },

    async show(turn) {
      const shown = await run(context, (db) =>
        db
          .update(turns)
          .set({ shownAt: now })
          .where(and(mine(turn), eq(turns.state, 'running'), unchanged(turn)))
          .returning({ id: turns.id }),
      )
      return shown.length > 0
    },

    async answer(turn, reply) {
      const keyOwner = directory.keyOwner(turn.room)
      const persona = directory.blindPersona(turn.persona)
      using sealer = await vault.prepare([keyOwner], signal)
      return await transact(context, async (transaction) => {
        // The room's row before the turn's, in the order of `accept`: two that wait for each other stand still.
        const position = await nextPosition(transaction, turn.room)
        const [answered] = await transaction
          .update(turns)
          .set({
            state: 'answered',
            shownAt: sql`coalesce(${turns.shownAt}, ${now})`,
            promptTokens: reply.promptTokens,
            replyTokens: reply.replyTokens,
          })
          .where(and(mine(turn), eq(turns.state, 'running'), unchanged(turn)))
          .returning({ until: turns.until })
        if (answered === undefined) return false
        if (turn.swipe > 0) {
          await transaction
            .update(messages)
            .set({ chosen: false })
            .where(and(eq(messages.ownerId, turn.room.owner), eq(messages.turnId, turn.id)))
        }
        const id = newUuid()
        await transaction.insert(messages).values({
          ownerId: turn.room.owner,
          id,
          roomId: turn.room.id,
          position,
          anchor: answered.until,
          author: 'persona',
          persona,
          turnId: turn.id,
          swipe: turn.swipe,
          content: sealer.seal(keyOwner, { table: 'messages', column: 'content', row: id }, reply.text),
          saidAt: now,
        })
        if (reply.historyFrom > 0) {
          await transaction
            .insert(personaRooms)
            .values({
              ownerId: turn.room.owner,
              roomId: turn.room.id,
              persona,
              historyFrom: reply.historyFrom,
            })
            .onConflictDoUpdate({
              target: [personaRooms.ownerId, personaRooms.roomId, personaRooms.persona],
              set: { historyFrom: sql`greatest(${personaRooms.historyFrom}, ${reply.historyFrom})` },
            })
        }
        return true
      })
    },

    async putBack(turn, delayMs, failed) {
      await run(context, (db) =>
        db
          .update(turns)
          .set({
            // What was shown stays with its turn: the next messages have one of their own by now.
            state: sql`case when ${turns.state} = 'running' and ${turns.shownAt} is null and not ${turns.stopRequested} then 'pending' else ${turns.state} end`,
            failures: failed ? sql`${turns.failures} + 1` : turns.failures,
            dueAt: sql`greatest(${turns.dueAt}, ${afterMs(delayMs)})`,
            worker: null,
            leaseUntil: now,
          })
          .where(and(mine(turn), inArray(turns.state, ['running', 'answered']))),
      )
    },

    async close(turn, outcome) {
      await run(context, (db) =>
        db
          .update(turns)
          .set({ state: 'closed', outcome, closedAt: now, worker: null, leaseUntil: null })
          .where(and(mine(turn), inArray(turns.state, ['running', 'answered']))),
      )
    },
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
