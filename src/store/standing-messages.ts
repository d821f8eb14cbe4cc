import { externalId } from '../core/ids.ts'
import type { StandingMessages } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import { deliveryPlace } from './delivery-log.ts'
import { sql } from './drizzle.ts'
import { externalIdPlace } from './message-rows.ts'
import { statement, value } from './statement.ts'

/** What is read of either, the newest first along the indexes of the room's order. */
const most = 1_000

const said = statement(
  'standing said',
  sql`
    select id, external_id from (
      select id, external_id, said_at from messages
      where owner_id = ${value('owner')} and room_id = ${value('room')} and chosen and content is not null
      order by anchor desc, position desc
      limit ${value('most')}
    ) newest
    where external_id is not null and said_at >= ${value('since')}::timestamptz`,
)

const shown = statement(
  'standing shown',
  sql`
    select turn_id, slot, external_id from (
      select id, state from turns
      where owner_id = ${value('owner')} and room_id = ${value('room')}
      order by until desc
      limit ${value('most')}
    ) newest join deliveries on deliveries.owner_id = ${value('owner')} and turn_id = newest.id
    where state = 'closed' and removed_at is null and external_id is not null
      and first_tried_at >= ${value('since')}::timestamptz`,
)

interface SaidRow {
  readonly id: string
  readonly external_id: Uint8Array
}

interface ShownRow {
  readonly turn_id: string
  readonly slot: number
  readonly external_id: Uint8Array
}

export function createStandingMessages({
  database,
  directory,
  vault,
  signal,
}: StoreContext): StandingMessages {
  return {
    async since(account, reference, since) {
      const room = await directory.findRoom({ account: account.id, platform: account.platform }, reference)
      if (room === undefined) return []
      const values = { owner: room.owner, room: room.id, since: since.toISOString(), most }
      const people = (await database.statement(said, values, { relaxed: true })) as unknown as SaidRow[]
      const ours = (await database.statement(shown, values, { relaxed: true })) as unknown as ShownRow[]
      const opened = await vault.openTexts(
        [
          ...people.map((row) => ({ place: externalIdPlace(row.id), sealed: row.external_id })),
          ...ours.map((row) => ({ place: deliveryPlace(row.turn_id, row.slot), sealed: row.external_id })),
        ],
        signal,
      )
      // What somebody said who was erased meanwhile does not open any more.
      return opened.filter((id) => id !== undefined).map(externalId)
    },
  }
}
