import type { Room } from '../core/conversation.ts'
import type { RoomReference } from '../core/events.ts'
import type { ExternalId, ParticipantId } from '../core/ids.ts'
import type { Vault } from '../vault/vault.ts'
import type { Database } from './database.ts'
import { and, eq, inArray, isNull } from './drizzle.ts'
import { guarded } from './errors.ts'
import { keyOwner, roomPlace } from './room-key.ts'
import { deliveries, formerRooms, personaRooms, rooms, turns } from './schema.ts'
import { now } from './time.ts'

/** Who has come to the successor. */
interface Mover {
  readonly participant: ParticipantId
  readonly persona: Uint8Array
  /** The lookup of a room that has this name. */
  readonly lookupOf: (externalId: ExternalId) => Uint8Array
}

/**
 * After an upgrade the room goes on under its new name, with its history, its turns and its key. What we
 * have sent stays behind in the old one, where nothing can be changed any more. `false` when `successor`
 * may not take the history along: in a direct room only its own participant may.
 */
export async function moveRoom(
  { drizzle, where }: Database,
  vault: Vault,
  room: Room,
  successor: RoomReference,
  { participant, persona, lookupOf }: Mover,
  signal: AbortSignal,
): Promise<boolean> {
  const { id, owner, kind } = room
  if (successor.kind !== kind || (kind === 'direct' && String(owner) !== participant)) return false
  const old = lookupOf(room.externalId)
  using sealer = await vault.prepare([keyOwner(room)], signal)
  const externalId = sealer.seal(keyOwner(room), roomPlace(id), successor.externalId)
  return await guarded(where, () =>
    drizzle.transaction(async (transaction) => {
      const ofRoom = and(eq(rooms.ownerId, owner), eq(rooms.id, id))
      const moved = await transaction
        .update(rooms)
        .set({ lookup: lookupOf(successor.externalId), externalId })
        // One that has gone on elsewhere already has no second successor.
        .where(and(ofRoom, eq(rooms.lookup, old)))
        .returning({ id: rooms.id })
      if (moved.length === 0) return false
      await transaction
        .update(personaRooms)
        .set({ departed: false })
        .where(
          and(
            eq(personaRooms.ownerId, owner),
            eq(personaRooms.roomId, id),
            eq(personaRooms.persona, persona),
          ),
        )
      await transaction.insert(formerRooms).values({ ownerId: owner, lookup: old, roomId: id })
      const turnsThere = transaction
        .select({ id: turns.id })
        .from(turns)
        .where(and(eq(turns.ownerId, owner), eq(turns.roomId, id)))
      await transaction
        .update(deliveries)
        .set({ removedAt: now })
        .where(
          and(
            eq(deliveries.ownerId, owner),
            inArray(deliveries.turnId, turnsThere),
            isNull(deliveries.removedAt),
          ),
        )
      return true
    }),
  )
}
