import type { Room } from '../core/conversation.ts'
import { participantId } from '../core/ids.ts'
import type { Place } from '../vault/seal.ts'
import type { KeyOwner } from '../vault/vault.ts'

/** Where a room's name is sealed. */
export const roomPlace = (row: string): Place => ({ table: 'rooms', column: 'external_id', row })

/** Where it is sealed by whom its messages are named. */
export const namedByPlace = (row: string): Place => ({ table: 'rooms', column: 'named_by', row })

/** With whose key a persona's words, and the room's own name, are sealed. */
export function keyOwner(room: Pick<Room, 'id' | 'kind' | 'owner'>): KeyOwner {
  return room.kind === 'direct'
    ? { kind: 'participant', id: participantId(room.owner) }
    : { kind: 'room', id: room.id }
}
