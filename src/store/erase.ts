import type { RoomKey } from '../core/conversation.ts'
import { newUuid, ownerId, type ParticipantId, roomId } from '../core/ids.ts'
import type { AccountRecordKey, ErasureCertificate } from '../core/people.ts'
import { removeRecords } from './account-records.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, inArray, or, sql } from './drizzle.ts'
import { goneError, isGone } from './errors.ts'
import { countKeptIn } from './kept-counts.ts'
import { facts, proposals, recollections, selfDescriptions } from './memory-schema.ts'
import { isOver } from './pending-turns.ts'
import { takeAnswersAlong } from './redact-message.ts'
import { amend } from './room-position.ts'
import { dataKeys, identities, messages, participants, roomMembers, rooms, turns } from './schema.ts'

/** Each time they have come into another room meanwhile. */
const triesMost = 5

/**
 * `KeptPeople.erase`. Their data key is a row of the same database, so that it goes in the same transaction. What
 * is written beside it waits for it, and then finds nobody: each row of theirs refers to them.
 */
export async function erase(
  context: StoreContext,
  person: ParticipantId,
  records: readonly AccountRecordKey[],
): Promise<ErasureCertificate | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const counts = await transact(context, (transaction) => eraseIn(context, transaction, person, records))
      if (counts === undefined) return undefined
      context.announcer.tellErased(person)
      return { ...counts, id: newUuid(), at: new Date() }
    } catch (error) {
      if (!isGone(error) || tries === triesMost) throw error
    }
  }
}

async function eraseIn(
  context: StoreContext,
  transaction: Drizzle,
  person: ParticipantId,
  records: readonly AccountRecordKey[],
) {
  // As everywhere: all rooms are locked before the person is.
  const locked = await roomsOf(transaction, person)
  await lock(transaction, locked)
  const [there] = await transaction
    .select({ id: participants.id })
    .from(participants)
    .where(eq(participants.id, person))
    .for('update')
  if (there === undefined) return undefined
  const all = await roomsOf(transaction, person)
  if (all.some(({ id }) => !locked.some((room) => room.id === id))) throw goneError()
  const counts = await countKeptIn(transaction, person)

  // Before the words that they came from: with those each fact would be looked for one by one.
  await transaction
    .delete(recollections)
    .where(or(eq(recollections.ownerId, person), eq(recollections.sourceOwnerId, person)))
  await transaction.delete(facts).where(eq(facts.ownerId, person))
  await transaction.delete(proposals).where(eq(proposals.ownerId, person))
  await transaction.delete(selfDescriptions).where(eq(selfDescriptions.ownerId, person))
  for (const room of all) if (room.kind === 'group') await leaveGroup(context, transaction, person, room)
  // All at once: with its turn each reply would be a statement of its own, with 20,000 of them half a minute.
  await transaction.delete(messages).where(eq(messages.ownerId, person))
  await transaction.delete(rooms).where(eq(rooms.ownerId, ownerId(person)))
  await removeRecords(context, transaction, records)
  await transaction.delete(identities).where(eq(identities.participantId, person))
  await transaction.delete(participants).where(eq(participants.id, person))
  await transaction
    .delete(dataKeys)
    .where(and(eq(dataKeys.ownerKind, 'participant'), eq(dataKeys.ownerId, person)))
  await context.announcer.announceErased(transaction, person)
  return counts
}

/** Their own, and the groups in which they have said something, or are or were. Always in the same order. */
async function roomsOf(transaction: Drizzle, person: ParticipantId): Promise<readonly RoomKey[]> {
  const { rows } = (await transaction.execute(sql`
    select owner_id, id, kind from rooms
    where owner_id = ${person} or (owner_id, id) in (
      select owner_id, room_id from messages where participant_id = ${person}
      union
      select owner_id, room_id from room_members
      where member in (select lookup from identities where participant_id = ${person}))
    order by id`)) as unknown as {
    readonly rows: readonly {
      readonly owner_id: string
      readonly id: string
      readonly kind: RoomKey['kind']
    }[]
  }
  return rows.map(({ owner_id, id, kind }) => ({ owner: ownerId(owner_id), id: roomId(id), kind }))
}

/** Also the counter by which other processes hear that what they have read there has changed. */
async function lock(transaction: Drizzle, all: readonly RoomKey[]): Promise<void> {
  for (const room of all) await amend(transaction, room)
}

/** Their words go, with the answers to them; whoever else is there stays, and what they said. */
async function leaveGroup(
  context: StoreContext,
  transaction: Drizzle,
  person: ParticipantId,
  room: RoomKey,
): Promise<void> {
  const gone = await transaction
    .delete(messages)
    .where(
      and(eq(messages.ownerId, room.owner), eq(messages.roomId, room.id), eq(messages.participantId, person)),
    )
    .returning({ position: messages.position })
  const positions = gone.map(({ position }) => position)
  await deleteAnswers(transaction, room, positions)
  await takeAnswersAlong(context, transaction, room, positions)
  const left = await transaction
    .delete(roomMembers)
    .where(
      and(
        eq(roomMembers.ownerId, room.owner),
        eq(roomMembers.roomId, room.id),
        inArray(
          roomMembers.member,
          transaction
            .select({ lookup: identities.lookup })
            .from(identities)
            .where(eq(identities.participantId, person)),
        ),
      ),
    )
    .returning({ to: roomMembers.toPosition })
  // Whoever is still there is written down again with what is said next, and is new by then.
  if (left.some(({ to }) => to === null))
    await transaction
      .update(rooms)
      .set({ present: Buffer.alloc(0) })
      .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id)))
}

/**
 * The answers to nothing that is left, at once: one by one each writes the room's row three times, and 2,000 of
 * them took two minutes on a busy machine. What shows them is taken down by whoever takes their turns.
 */
async function deleteAnswers(
  transaction: Drizzle,
  room: RoomKey,
  positions: readonly number[],
): Promise<void> {
  await transaction.execute(sql`
    delete from messages where owner_id = ${room.owner} and room_id = ${room.id} and author = 'persona' and turn_id in (
      select ${turns.id} from ${turns}
      where ${turns.ownerId} = ${room.owner} and ${turns.roomId} = ${room.id} and ${turns.kind} = 'reply'
        and ${isOver(positions)} and not exists (
          select 1 from messages q where q.owner_id = ${room.owner} and q.room_id = ${room.id}
            and q.author = 'participant' and q.addressed and q.content is not null
            and q.anchor between ${turns.since} and ${turns.until}))`)
}
