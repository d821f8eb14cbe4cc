import type { SQL } from 'drizzle-orm'
import { messageId, newUuid, ownerId, type ParticipantId, roomId } from '../core/ids.ts'
import type { KnockBook, KnockPlace, NewKnock } from '../core/knock.ts'
import type { KeyOwner } from '../vault/vault.ts'
import { run, type StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, asc, eq, gte, inArray, isNotNull, isNull, lt, or, sql } from './drizzle.ts'
import { goneError } from './errors.ts'
import { readOn, readPlace } from './knock-place.ts'
import { knockPlace, readContent, termsPlace, writeContent, writeTerms } from './knock-rows.ts'
import { knocks, waits } from './knock-schema.ts'
import { openEach } from './open-each.ts'
import { withReceipt } from './receipts.ts'
import { lockRoom } from './room-position.ts'
import { participants, personaRooms } from './schema.ts'
import { now } from './time.ts'

const keyOf = (person: ParticipantId): KeyOwner => ({ kind: 'participant', id: person })

export function createKnockBook(context: StoreContext): KnockBook {
  const { directory, vault, signal } = context

  const there = ({ room, persona }: Pick<KnockPlace, 'room' | 'persona'>) =>
    and(
      eq(knocks.ownerId, room.owner),
      eq(knocks.roomId, room.id),
      eq(knocks.persona, directory.blindPersona(persona)),
    )

  return {
    read: (room, persona) => readPlace(context, room, persona),
    readOn: (room) => readOn(context, room),

    async find(doorway, where) {
      const { id } = await directory.participant(doorway, where.sender)
      return await readPlace(context, await directory.room(doorway, where.room, id), doorway.persona)
    },

    async setTerms({ person }, terms, receipt) {
      using sealer = await vault.prepare([keyOf(person)], signal)
      const sealed = sealer.seal(keyOf(person), termsPlace(person), writeTerms(terms))
      await withReceipt(context, receipt, async (transaction) => {
        await transaction.update(participants).set({ terms: sealed }).where(eq(participants.id, person))
      })
    },

    setOn: (place, on, receipt) =>
      withReceipt(context, receipt, async (transaction) => {
        const { room, persona } = place
        await lockRoom(transaction, room)
        const { ownerId: owner, roomId: id, persona: column } = personaRooms
        await transaction
          .insert(personaRooms)
          .values({
            ownerId: room.owner,
            roomId: room.id,
            persona: directory.blindPersona(persona),
            unprompted: on,
          })
          .onConflictDoUpdate({ target: [owner, id, column], set: { unprompted: on } })
        if (on) return 0
        return (await cancelIn(transaction, and(there(place), waits))).length
      }),

    async add(place, knock, receipt) {
      const id = newUuid()
      using sealer = await vault.prepare([keyOf(place.person)], signal)
      const content = sealer.seal(keyOf(place.person), knockPlace(id), writeContent(knock.content))
      return await withReceipt(context, receipt, (transaction) =>
        addIn(context, transaction, place, knock, { id, content }),
      )
    },

    async list(person) {
      const rows = await run(context, (db) =>
        db
          .select()
          .from(knocks)
          .where(and(eq(knocks.ownerId, person), waits))
          .orderBy(asc(knocks.dueAt), asc(knocks.number)),
      )
      const texts = await openEach(context)(rows, ({ id, content }) => ({
        place: knockPlace(id),
        sealed: content,
      }))
      return rows.flatMap(({ kind, number, dueAt, roomId: room, persona, messageId: message }, index) => {
        const text = texts[index]
        if (text === undefined) return []
        const known = {
          room: roomId(room),
          persona: directory.personaBehind(persona),
          message: message === null ? undefined : messageId(message),
        }
        return [{ kind, number, dueAt, content: readContent(text), ...known }]
      })
    },

    async countSaid(person, from, to) {
      const [counted] = await run(context, (db) =>
        db
          .select({ count: sql<number>`count(*)::integer` })
          .from(knocks)
          .where(and(eq(knocks.ownerId, person), gte(knocks.begunAt, from), lt(knocks.begunAt, to))),
      )
      return counted?.count ?? 0
    },

    cancel: (place, numbers, receipt) =>
      withReceipt(context, receipt, async (transaction) => {
        await lockRoom(transaction, place.room)
        const named = and(there(place), inArray(knocks.number, [...numbers]))
        const gone = await cancelIn(transaction, and(named, or(waits, isHeldUp)))
        return gone.toSorted((a, b) => a - b)
      }),
  }
}

/** Its turn is open and in nobody's hands, and nothing of it has been seen. */
const isHeldUp = sql`(not ${knocks.cancelled} and exists (select 1 from turns t
  where t.owner_id = ${knocks.ownerId} and t.id = ${knocks.turnId} and t.state <> 'closed'
    and (t.lease_until is null or t.lease_until <= ${now})
    and not exists (select 1 from deliveries d
      where d.owner_id = t.owner_id and d.turn_id = t.id and d.external_id is not null)))`

/**
 * Returns their numbers. What was asked for in words is kept, marked: another reply to these, or the same message that
 * comes again, would have it noted anew.
 */
async function cancelIn(transaction: Drizzle, which: SQL | undefined): Promise<readonly number[]> {
  const { number } = knocks
  const marked = await transaction
    .update(knocks)
    .set({ cancelled: true })
    .where(and(which, isNotNull(knocks.messageId)))
    .returning({ number })
  const gone = await transaction
    .delete(knocks)
    .where(and(which, isNull(knocks.messageId)))
    .returning({ number })
  return [...marked, ...gone].map((each) => each.number)
}

/** Locks the room, and then its person. */
async function addIn(
  { directory }: StoreContext,
  transaction: Drizzle,
  { room, persona: id, person }: KnockPlace,
  { kind, dueAt, message, fact }: NewKnock,
  sealed: { readonly id: string; readonly content: Uint8Array },
): Promise<number | undefined> {
  await lockRoom(transaction, room)
  const persona = directory.blindPersona(id)
  const here = and(
    eq(knocks.ownerId, ownerId(person)),
    eq(knocks.roomId, room.id),
    eq(knocks.persona, persona),
  )
  const [place] = await transaction
    .select({ on: personaRooms.unprompted })
    .from(personaRooms)
    .where(
      and(
        eq(personaRooms.ownerId, room.owner),
        eq(personaRooms.roomId, room.id),
        eq(personaRooms.persona, persona),
      ),
    )
  if (place?.on !== true) return undefined
  const source = message === undefined ? fact && eq(knocks.factId, fact) : eq(knocks.messageId, message)
  if (source !== undefined) {
    const [before] = await transaction
      .select({ id: knocks.id, number: knocks.number, cancelled: knocks.cancelled })
      .from(knocks)
      .where(and(here, source))
      .for('update')
    if (before?.cancelled === true) return undefined
    if (before !== undefined) {
      // For another time, where the answer to the question for when was changed.
      await transaction
        .update(knocks)
        .set({ ...sealed, dueAt })
        .where(and(here, eq(knocks.id, before.id), isNull(knocks.turnId)))
      return before.number
    }
  }
  if (kind === 'morning')
    await transaction.delete(knocks).where(and(here, eq(knocks.kind, 'morning'), isNull(knocks.turnId)))
  return await insertKnock(transaction, {
    ...sealed,
    ownerId: room.owner,
    roomId: room.id,
    persona,
    kind,
    dueAt,
    messageId: message,
    factId: fact,
  })
}

/** Its number. Locks the person. */
export async function insertKnock(
  transaction: Drizzle,
  row: Omit<typeof knocks.$inferInsert, 'number'>,
): Promise<number> {
  const [counted] = await transaction
    .update(participants)
    .set({ lastKnock: sql`${participants.lastKnock} + 1` })
    .where(eq(participants.id, row.ownerId))
    .returning({ number: participants.lastKnock })
  if (counted === undefined) throw goneError()
  await transaction.insert(knocks).values({ ...row, number: counted.number })
  return counted.number
}
