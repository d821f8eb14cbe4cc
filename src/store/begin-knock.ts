import { newUuid, participantId } from '../core/ids.ts'
import type { Beginning, DueKnock } from '../core/knock.ts'
import type { KeyOwner } from '../vault/vault.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, ne, sql } from './drizzle.ts'
import { insertKnock } from './knock-book.ts'
import { knockPlace, writeContent } from './knock-rows.ts'
import { knocks, waits } from './knock-schema.ts'
import { openTurn } from './pending-turns.ts'
import { lockRoom } from './room-position.ts'
import { participants, personaRooms, turns } from './schema.ts'

export const personaThere = and(
  eq(personaRooms.ownerId, knocks.ownerId),
  eq(personaRooms.roomId, knocks.roomId),
  eq(personaRooms.persona, knocks.persona),
)

/** The person wants it there, and the persona may speak. */
export const maySpeak = and(
  eq(personaRooms.unprompted, true),
  eq(personaRooms.quiet, false),
  eq(personaRooms.departed, false),
)

/** The persona is at nothing there: where it is, more than a batch of such would be read each time. */
export const notBusy = sql`not exists (select 1 from turns t where t.owner_id = knocks.owner_id
  and t.room_id = knocks.room_id and t.persona = knocks.persona and t.state <> 'closed')`

/** As it was read, and nobody has begun it. */
export const asRead = ({ id, room, dueAt }: DueKnock) =>
  and(eq(knocks.ownerId, room.owner), eq(knocks.id, id), waits, eq(knocks.dueAt, dueAt))

/**
 * `KnockQueue.begin`. The turn is opened by the transaction that marks the knock as begun, so whoever is killed has
 * done both or neither; from there on it is said as a reply is.
 */
export async function beginKnock(
  context: StoreContext,
  knock: DueKnock,
  now: Date,
  day: { readonly from: Date; readonly to: Date },
  next: Date | undefined,
): Promise<Beginning> {
  const { vault, signal } = context
  const owner: KeyOwner = { kind: 'participant', id: participantId(knock.room.owner) }
  const nextId = newUuid()
  using sealer = await vault.prepare([owner], signal)
  const following =
    next &&
    ({
      id: nextId,
      content: sealer.seal(owner, knockPlace(nextId), writeContent({ ...knock.content, at: next })),
      dueAt: next,
    } as const)
  return await transact(context, async (transaction): Promise<Beginning> => {
    const { room, persona, kind } = knock
    const position = await lockRoom(transaction, room)
    // Of all their rooms: two that are begun at once are counted one after the other. Before the knock, as whoever
    // keeps facts does.
    await transaction
      .select({ id: participants.id })
      .from(participants)
      .where(eq(participants.id, room.owner))
      .for('no key update')
    const [there] = await transaction
      .select({ persona: knocks.persona })
      .from(knocks)
      .innerJoin(personaRooms, personaThere)
      .where(and(asRead(knock), maySpeak))
      .for('update', { of: knocks })
    if (there === undefined) return 'gone'
    if (await isFull(transaction, knock, day)) return 'full'
    const open = await transaction
      .select({ id: turns.id })
      .from(turns)
      .where(and(eq(turns.roomId, room.id), eq(turns.persona, there.persona), ne(turns.state, 'closed')))
      .limit(1)
    if (open.length > 0) return 'busy'
    const doorway = { account: room.account, persona }
    const turn = await openTurn(context, transaction, doorway, room, {
      kind: 'unprompted',
      since: position + 1,
      until: position,
      dueInMs: 0,
    })
    await transaction.update(knocks).set({ turnId: turn, begunAt: now }).where(asRead(knock))
    if (following !== undefined)
      await insertKnock(transaction, {
        ...following,
        ownerId: room.owner,
        roomId: room.id,
        persona: there.persona,
        kind,
      })
    return 'begun'
  })
}

/** What was said that day, and for all but errands those that wait for it. */
async function isFull(
  transaction: Drizzle,
  { room, kind, terms }: DueKnock,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<boolean> {
  const said = sql`begun_at >= ${from.toISOString()}::timestamptz and begun_at < ${to.toISOString()}::timestamptz`
  const promised =
    kind === 'errand'
      ? sql`false`
      : sql`turn_id is null and not cancelled and kind = 'errand' and due_at < ${to.toISOString()}::timestamptz`
  const [counted] = await transaction
    .select({ count: sql<number>`count(*)::integer` })
    .from(knocks)
    .where(and(eq(knocks.ownerId, room.owner), sql`(${said} or ${promised})`))
  return (counted?.count ?? 0) >= terms.most
}
