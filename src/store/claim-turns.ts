import { sql } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { type AccountId, ownerId, type PersonaId, roomId, turnId, type WorkerId } from '../core/ids.ts'
import { runRelaxed, type StoreContext } from './context.ts'
import { codeOf, uniqueViolation } from './errors.ts'
import { turns } from './schema.ts'
import { afterMs, now } from './time.ts'

/**
 * A clock that was set back must not hold a turn for as long as it was wrong: no lease and no wait
 * is as long as this, so what seems longer is over.
 */
const waitMostMs = 600_000

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** `TurnQueue.claim`. */
export async function claimTurns(
  context: StoreContext,
  worker: WorkerId,
  accounts: readonly AccountId[],
  personas: readonly PersonaId[],
  most: number,
  leaseMs: number,
): Promise<readonly Turn[]> {
  if (accounts.length === 0 || personas.length === 0) return []
  const { directory } = context
  const byBlind = new Map(accounts.map((account) => [hex(directory.blindAccount(account)), account]))
  const due = sql`
    select t.owner_id, t.id from ${turns} t
    where t.account in ${accounts.map((account) => directory.blindAccount(account))}
      and t.persona in ${personas.map((persona) => directory.blindPersona(persona))}
      and (t.due_at <= ${now} or t.due_at > ${afterMs(waitMostMs)})
      and (
        (t.state = 'pending' and not exists (
          select 1 from ${turns} w where w.owner_id = t.owner_id and w.room_id = t.room_id
            and w.persona = t.persona and w.state in ('running', 'answered')))
        or (t.state in ('running', 'answered')
          and (t.lease_until <= ${now} or t.lease_until > ${afterMs(waitMostMs)}))
      )
    order by t.due_at limit ${most} for update skip locked`
  const rows = await runRelaxed(context, async (db) => {
    try {
      return await db
        .update(turns)
        .set({
          state: sql`case when ${turns.state} = 'pending' then 'running' else ${turns.state} end`,
          attempt: sql`${turns.attempt} + 1`,
          worker,
          leaseUntil: afterMs(leaseMs),
        })
        .where(sql`(${turns.ownerId}, ${turns.id}) in (${due})`)
        .returning()
    } catch (error) {
      // Two workers took two turns of one persona in one room at once: the index lets one through.
      if (codeOf(error) === uniqueViolation) return []
      throw error
    }
  })
  return await Promise.all(
    rows.map(async (row): Promise<Turn> => {
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
    }),
  )
}
