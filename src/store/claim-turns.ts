import type { SQL } from 'drizzle-orm'
import type { Turn } from '../core/conversation.ts'
import { type AccountId, ownerId, type PersonaId, roomId, turnId, type WorkerId } from '../core/ids.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { isConflict } from './errors.ts'
import { openRecallPlace, type RecallPlaceRow, recallPlace } from './recall-place.ts'
import { statement, value } from './statement.ts'
import { afterMs, now } from './time.ts'

/**
 * A clock that was set back must not hold a turn for as long as it was wrong: no lease and no wait
 * is as long as this, so what seems longer is over.
 */
const waitMostMs = 600_000

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Positions and counts stay far below 2^53; the driver would give a bigint as text. */
const roomOf = (column: SQL): SQL =>
  sql`(select r.${column}::float8 from rooms r where r.owner_id = turns.owner_id and r.id = turns.room_id)`

const claiming = statement(
  'claim',
  sql`
    update turns set
      state = case when state = 'pending' then 'running' else state end,
      attempt = attempt + 1,
      worker = ${value('worker')},
      lease_until = ${afterMs(value('leaseMs'))}
    -- Materialised: a plan that ran the search again would lock, and take, more than the limit.
    where (owner_id, id) in (with due as materialized (
      select t.owner_id, t.id from turns t
      where t.account = any(${value('accounts')}::bytea[])
        and t.persona = any(${value('personas')}::bytea[])
        and (t.due_at <= ${now} or t.due_at > ${afterMs(waitMostMs)})
        and (
          (t.state = 'pending' and not exists (
            select 1 from turns w where w.owner_id = t.owner_id and w.room_id = t.room_id
              and w.persona = t.persona and w.state <> 'closed' and (w.state = 'running'
                -- What is to be said first may wait until the morning, also where it is made.
                or (w.state = 'answered' and (w.kind <> 'unprompted' or w.due_at <= ${now}))
                -- A retry and a new message may both wait. Taken together, the index would refuse all.
                or (w.state = 'pending' and (w.due_at, w.id) < (t.due_at, t.id))))
            -- In a group one persona speaks after the other, so that each hears what was said before. Nobody waits
            -- for one that cannot speak: whose worker is gone, or whose account nobody serves here.
            and not exists (
              select 1 from turns o where o.owner_id = t.owner_id and o.room_id = t.room_id
                and o.persona <> t.persona and (
                  (o.state = 'running' and o.lease_until > ${now} and o.lease_until <= ${afterMs(waitMostMs)})
                  or (o.state = 'pending' and o.due_at <= ${now} and (o.due_at, o.id) < (t.due_at, t.id)
                    and o.account = any(${value('accounts')}::bytea[])
                    and o.persona = any(${value('personas')}::bytea[])
                    -- Nor for one that waits itself until an earlier reply of its own can be shown.
                    and not exists (select 1 from turns b where b.owner_id = o.owner_id
                      and b.room_id = o.room_id and b.persona = o.persona and b.state = 'answered')))))
          or (t.state in ('running', 'answered')
            and (t.lease_until <= ${now} or t.lease_until > ${afterMs(waitMostMs)}))
        )
      order by t.due_at limit ${value('most')} for update skip locked
    ) select owner_id, id from due)
    returning owner_id, id, room_id, account, persona, kind, state, since::float8 as since,
      shown_at is not null as shown, revision, swipe, attempt, failures, stop_requested,
      until::float8 as until, ${roomOf(sql`amended`)} as amended, ${roomOf(sql`last_position`)} as last_position,
      (select r.lookup from rooms r where r.owner_id = turns.owner_id and r.id = turns.room_id) as room_lookup,
      coalesce((select h.history_from::float8 from persona_rooms h where h.owner_id = turns.owner_id
        and h.room_id = turns.room_id and h.persona = turns.persona), 0) as history_from,
      coalesce((select h.manners from persona_rooms h where h.owner_id = turns.owner_id
        and h.room_id = turns.room_id and h.persona = turns.persona), '{}') as manners,
      ${recallPlace(sql`turns.owner_id`, sql`turns.room_id`, sql`turns.persona`)} as recall`,
)

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
  const values = {
    worker,
    leaseMs,
    most,
    accounts: accounts.map((account) => directory.blindAccount(account)),
    personas: personas.map((persona) => directory.blindPersona(persona)),
  }
  const rows = await claimed(context, values)
  const opened = await Promise.allSettled(
    rows.map(async (row): Promise<Turn> => {
      const account = byBlind.get(hex(row.account))
      const persona = directory.personaBehind(row.persona)
      if (account === undefined || persona === undefined)
        throw new TypeError('a turn of nobody here was claimed')
      return {
        id: turnId(row.id),
        room: await directory.readRoom(ownerId(row.owner_id), roomId(row.room_id), account, row.room_lookup),
        persona,
        kind: row.kind,
        state: row.state,
        since: row.since,
        shown: row.shown,
        revision: row.revision,
        swipe: row.swipe,
        attempt: row.attempt,
        worker,
        failures: row.failures,
        stopRequested: row.stop_requested,
        history: {
          amended: row.amended,
          position: row.last_position,
          from: row.history_from,
          until: row.until,
        },
        recall: await openRecallPlace(context, roomId(row.room_id), row.persona, row.recall),
        manners: row.manners,
      }
    }),
  )
  const taken = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  // A room that cannot be opened must not hold up the others: its turn comes again when its lease ends.
  const failed = opened.find((each) => each.status === 'rejected')
  if (taken.length === 0 && failed !== undefined) throw failed.reason
  return taken
}

interface Row {
  readonly owner_id: string
  readonly id: string
  readonly room_id: string
  readonly room_lookup: Uint8Array
  readonly account: Uint8Array
  readonly persona: Uint8Array
  readonly kind: Turn['kind']
  readonly state: Turn['state']
  readonly since: number
  readonly shown: boolean
  readonly revision: number
  readonly swipe: number
  readonly attempt: number
  readonly failures: number
  readonly stop_requested: boolean
  readonly until: number
  readonly amended: number
  readonly last_position: number
  readonly history_from: number
  readonly recall: RecallPlaceRow
  readonly manners: Turn['manners']
}

/** Two workers may take two turns of one persona in one room at once: the index lets one of them through. */
async function claimed(
  { database }: StoreContext,
  values: Readonly<Record<string, unknown>>,
): Promise<readonly Row[]> {
  try {
    return (await database.statement(claiming, values, { relaxed: true })) as unknown as readonly Row[]
  } catch (error) {
    if (isConflict(error)) return []
    throw error
  }
}
