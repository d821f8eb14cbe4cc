import type { Participant, Room } from '../core/conversation.ts'
import type { RoomReference, SenderReference } from '../core/events.ts'
import type { AccountId, OwnerId, ParticipantId, PersonaId, RoomId } from '../core/ids.ts'
import type { Doorway } from '../core/store.ts'
import type { KeyOwner, Vault } from '../vault/vault.ts'
import { createBlindNames } from './blind-names.ts'
import type { Database } from './database.ts'
import { createPeople } from './people.ts'
import { createRoomDirectory } from './room-directory.ts'
import { keyOwner } from './room-key.ts'

/** Finds the rows behind what a platform names, by blind lookup, and makes them when they are new. */
export interface Directory {
  /** The person behind an event; made when new, renamed when the platform has a new name for them. */
  participant(doorway: Doorway, sender: SenderReference): Promise<Participant>
  /** Undefined for somebody who was never heard of. */
  findParticipant(
    doorway: Pick<Doorway, 'platform'>,
    sender: Pick<SenderReference, 'externalId'>,
  ): Promise<Participant | undefined>
  displayNames(ids: readonly ParticipantId[]): Promise<ReadonlyMap<ParticipantId, string>>
  /**
   * The room of an event, by the name that the event has for it; made when new, or the one that it goes on
   * for. A direct room belongs to its participant, a group to itself: all accounts of a platform that are in
   * it have one room there.
   */
  room(doorway: Doorway, room: RoomReference, participant: ParticipantId): Promise<Room>
  /** Undefined when nothing was ever said there. */
  findRoom(doorway: Pick<Doorway, 'account' | 'platform'>, room: RoomReference): Promise<Room | undefined>
  /** By the name that it has now. `lookup`: of that name. */
  readRoom(owner: OwnerId, id: RoomId, account: AccountId, lookup: Uint8Array): Promise<Room>
  /** With whose key a persona's words are sealed in that room. */
  keyOwner(room: Pick<Room, 'id' | 'kind' | 'owner'>): KeyOwner
  blindAccount(account: AccountId): Uint8Array
  blindPersona(persona: PersonaId): Uint8Array
  /** Undefined for a persona that this process has never named. */
  personaBehind(blind: Uint8Array): PersonaId | undefined
  /** Keeps nothing of people and rooms: somebody was erased. */
  clear(): void
}

export function createDirectory(database: Database, vault: Vault, signal: AbortSignal): Directory {
  const names = createBlindNames(vault)
  const people = createPeople(database, vault, signal)
  const rooms = createRoomDirectory(database, vault, names, signal)
  return {
    ...names,
    ...people,
    ...rooms,
    keyOwner,
    clear() {
      people.clear()
      rooms.clear()
    },
  }
}
