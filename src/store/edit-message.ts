import type { Room } from '../core/conversation.ts'
import type { EditEvent } from '../core/events.ts'
import type { Doorway } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, gte, isNotNull, isNull, lte, ne, or, sql } from './drizzle.ts'
import { contentPlace, messageLookup, saidAt } from './message-rows.ts'
import { changeTurnsOver, lastTurn } from './pending-turns.ts'
import { hasReply, makeAnew } from './reopen-turns.ts'
import { amend } from './room-position.ts'
import { answersThere } from './room-presence.ts'
import { messages, turns } from './schema.ts'

/** `Inbox.edit`. */
export async function editMessage(
  context: StoreContext,
  doorway: Doorway,
  event: EditEvent,
): Promise<boolean> {
  const room = await context.directory.findRoom(doorway, event.room)
  if (room === undefined) return false
  const participant = await context.directory.findParticipant(doorway, event.sender)
  if (participant === undefined) return false
  const owner = { kind: 'participant', id: participant.id } as const
  using sealer = await context.vault.prepare([owner], context.signal)
  const editLookup = messageLookup(context, room, event.externalId)
  const editedAt = sql`${saidAt(event.at)}::timestamptz`
  return await transact(context, async (transaction) => {
    await amend(transaction, room)
    const [found] = await transaction
      .select({ id: messages.id, position: messages.position, addressed: messages.addressed })
      .from(messages)
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.lookup, messageLookup(context, room, event.target)),
          eq(messages.participantId, participant.id),
          isNull(messages.redactedAt),
          // The same edit may come again, and an earlier one after it.
          or(
            isNull(messages.editedAt),
            sql`(${messages.editedAt}, coalesce(${messages.editLookup}, '')) < (${editedAt}, ${editLookup}::bytea)`,
          ),
        ),
      )
      .for('update')
    if (found === undefined || (await isRedacted(transaction, room, editLookup))) return false
    await transaction
      .update(messages)
      .set({
        content: sealer.seal(owner, contentPlace(found.id), event.text),
        editedAt,
        editLookup,
        remember: sql`not ${messages.passing}`,
        passedOver: null,
      })
      .where(and(eq(messages.ownerId, room.owner), eq(messages.id, found.id)))
    await changeTurnsOver(context, transaction, room, [found.position])
    const silent = event.unanswered === true ? context.directory.blindPersona(doorway.persona) : undefined
    if (found.addressed) await answerAnew(context, transaction, room, found.position, silent)
    return true
  })
}

/** The edit itself was redacted before it came. */
async function isRedacted(transaction: Drizzle, room: Room, lookup: Uint8Array): Promise<boolean> {
  const redacted = await transaction
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.ownerId, room.owner), eq(messages.lookup, lookup), isNotNull(messages.redactedAt)))
  return redacted.length > 0
}

/**
 * Where the last turn of a persona has answered the message as it was; what lies further back stays as it is.
 * `silent`: who does not answer anew.
 */
async function answerAnew(
  context: StoreContext,
  transaction: Drizzle,
  room: Room,
  position: number,
  silent: Uint8Array | undefined,
): Promise<void> {
  const answered = await transaction
    .selectDistinct({ persona: turns.persona })
    .from(turns)
    .where(
      and(
        eq(turns.ownerId, room.owner),
        eq(turns.roomId, room.id),
        eq(turns.kind, 'reply'),
        lte(turns.since, position),
        gte(turns.until, position),
        silent && ne(turns.persona, silent),
      ),
    )
  for (const { persona } of answered) {
    const last = await lastTurn(transaction, room, persona)
    if (last === undefined || last.kind !== 'reply' || position < last.since || position > last.until)
      continue
    if (last.state !== 'closed' && last.state !== 'answered') continue
    if (!(await hasReply(transaction, last)) || !(await answersThere(context, transaction, room, persona)))
      continue
    await makeAnew(context, transaction, last)
  }
}
