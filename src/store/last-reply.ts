import { type Room, type Turn, unknownRecallPlace } from '../core/conversation.ts'
import type { RoomReference } from '../core/events.ts'
import { newUuid, type PersonaId, turnId, workerId } from '../core/ids.ts'
import type { Made } from '../core/made.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { Doorway, LastReply } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { and, desc, eq, gte, isNotNull, lte, sql } from './drizzle.ts'
import type { HistoryRow } from './history-rows.ts'
import { recalledPlace } from './message-rows.ts'
import { openMade } from './past.ts'
import { messages, personaRooms, turns } from './schema.ts'

/** `HistoryReader.readLast`. */
export async function readLast(
  context: StoreContext,
  doorway: Doorway,
  place: RoomReference,
): Promise<LastReply | undefined> {
  const { directory, vault, signal } = context
  const { persona } = doorway
  const room = await directory.findRoom(doorway, place)
  if (room === undefined) return undefined
  const [row] = await run(context, (db) =>
    db
      .select({
        id: messages.id,
        made: messages.made,
        recalled: messages.recalled,
        turn: turns,
        manners: personaRooms.manners,
      })
      .from(messages)
      .innerJoin(turns, and(eq(turns.ownerId, messages.ownerId), eq(turns.id, messages.turnId)))
      .leftJoin(
        personaRooms,
        and(
          eq(personaRooms.ownerId, messages.ownerId),
          eq(personaRooms.roomId, messages.roomId),
          eq(personaRooms.persona, turns.persona),
        ),
      )
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.roomId, room.id),
          eq(messages.persona, directory.blindPersona(persona)),
          eq(messages.chosen, true),
          isNotNull(messages.content),
          isNotNull(messages.made),
        ),
      )
      .orderBy(desc(messages.anchor), desc(messages.position))
      .limit(1),
  )
  const made = row && (await openMade(context, row.id, row.made))
  if (row === undefined || made === undefined) return undefined
  const sealed = row.recalled
  const recalled: MemoryRefs =
    sealed === null
      ? { facts: [], messages: [] }
      : JSON.parse(await vault.openText({ place: recalledPlace(row.id), sealed }, signal))
  return { turn: { ...asTaken(row.turn, room, persona, made), manners: row.manners ?? {} }, made, recalled }
}

/** As the worker saw it that made the reply. */
function asTaken(
  row: typeof turns.$inferSelect,
  room: Room,
  persona: PersonaId,
  made: Made,
): Omit<Turn, 'manners'> {
  const { kind, state, since, until, revision, swipe, attempt, failures } = row
  return {
    id: turnId(row.id),
    room,
    persona,
    kind,
    state,
    since,
    shown: true,
    revision,
    swipe,
    attempt,
    worker: workerId(row.worker ?? newUuid()),
    failures,
    stopRequested: false,
    history: { amended: 0, position: made.position, from: made.historyFrom, until },
    recall: unknownRecallPlace,
  }
}

/** What the turn's history was, as it stands now: without what has been taken away since, or came later. */
export async function readRowsAgain(
  context: StoreContext,
  { room, id, history }: Turn,
  most: number,
): Promise<readonly HistoryRow[]> {
  const rows = await run(context, (db) =>
    db
      .select({
        id: messages.id,
        position: messages.position,
        anchor: messages.anchor,
        participant_id: messages.participantId,
        persona: messages.persona,
        turn_id: messages.turnId,
        content: messages.content,
        said_at: messages.saidAt,
      })
      .from(messages)
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.roomId, room.id),
          eq(messages.chosen, true),
          isNotNull(messages.content),
          gte(messages.anchor, history.from),
          lte(messages.anchor, history.until),
          lte(messages.position, history.position),
          sql`${messages.turnId} is distinct from ${id}::uuid`,
        ),
      )
      .orderBy(desc(messages.anchor), desc(messages.position))
      .limit(most),
  )
  return rows.flatMap(({ content, ...row }) => (content === null ? [] : [{ ...row, content }])).reverse()
}
