import type { Participant, Room } from '../core/conversation.ts'
import type { RoomReference, SenderReference } from '../core/events.ts'
import {
  type AccountId,
  externalId,
  newUuid,
  type OwnerId,
  ownerId,
  type ParticipantId,
  type PersonaId,
  participantId,
  type RoomId,
  roomId,
} from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Doorway } from '../core/store.ts'
import { cleanName } from '../core/text.ts'
import type { KeyOwner, Vault } from '../vault/vault.ts'
import type { Database } from './database.ts'
import { and, eq } from './drizzle.ts'
import { guarded } from './errors.ts'
import { identities, participants, rooms } from './schema.ts'

/** What was found is kept, since ids never change; 10,000 of each take about 5 MB. */
const kept = 10_000

/** Finds the rows behind what a platform names, by blind lookup, and makes them when they are new. */
export interface Directory {
  /** The person behind an event; made when new, renamed when the platform has a new name for them. */
  participant(doorway: Doorway, sender: SenderReference): Promise<Participant>
  /** The room of an event; made when new. A direct room belongs to its participant, a group to itself. */
  room(doorway: Doorway, room: RoomReference, participant: ParticipantId): Promise<Room>
  /** Undefined when nothing was ever said there. */
  findRoom(doorway: Doorway, room: RoomReference): Promise<Room | undefined>
  readRoom(owner: OwnerId, id: RoomId, account: AccountId): Promise<Room>
  displayNames(ids: readonly ParticipantId[]): Promise<ReadonlyMap<ParticipantId, string>>
  /** With whose key a persona's words are sealed in that room. */
  keyOwner(room: Room): KeyOwner
  blindAccount(account: AccountId): Uint8Array
  blindPersona(persona: PersonaId): Uint8Array
  /** Undefined for a persona that this process has never named. */
  personaBehind(blind: Uint8Array): PersonaId | undefined
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

export function createDirectory(database: Database, vault: Vault, signal: AbortSignal): Directory {
  const participantsByLookup = new LruMap<string, Participant>(kept)
  const namesById = new LruMap<ParticipantId, string>(kept)
  const roomsByLookup = new LruMap<string, Room>(kept)
  const roomsById = new LruMap<RoomId, Room>(kept)
  const blindAccounts = new Map<AccountId, Uint8Array>()
  const blindPersonas = new Map<PersonaId, Uint8Array>()
  const personasByBlind = new Map<string, PersonaId>()
  const query = <T>(work: () => Promise<T>) => guarded(database.where, work)
  const db = database.drizzle

  const roomLookup = (account: AccountId, room: RoomReference) =>
    vault.lookup({ kind: 'room', account, externalId: room.externalId })

  async function findParticipant(lookup: Uint8Array): Promise<Participant | undefined> {
    const [row] = await query(() => db.select().from(identities).where(eq(identities.lookup, lookup)))
    if (row === undefined) return undefined
    const place = { table: 'identities', column: 'display_name', row: row.id }
    const displayName = await vault.openText({ place, sealed: row.displayName }, signal)
    return { id: participantId(row.participantId), displayName }
  }

  async function makeParticipant(
    doorway: Doorway,
    sender: SenderReference,
    lookup: Uint8Array,
  ): Promise<Participant> {
    const participant = participantId(newUuid())
    const id = newUuid()
    const owner = { kind: 'participant', id: participant } as const
    using sealer = await vault.prepare([owner], signal)
    const seal = (column: string, text: string) =>
      sealer.seal(owner, { table: 'identities', column, row: id }, text)
    const displayName = cleanName(sender.displayName)
    await query(() =>
      db.transaction(async (transaction) => {
        await transaction.insert(participants).values({ id: participant })
        const inserted = await transaction
          .insert(identities)
          .values({
            participantId: participant,
            id,
            platform: doorway.platform,
            lookup,
            externalId: seal('external_id', sender.externalId),
            displayName: seal('display_name', displayName),
          })
          .onConflictDoNothing({ target: identities.lookup })
          .returning({ id: identities.id })
        // Another process was quicker: its rows stand, ours are taken back.
        if (inserted.length === 0)
          await transaction.delete(participants).where(eq(participants.id, participant))
      }),
    )
    return (await findParticipant(lookup)) ?? { id: participant, displayName }
  }

  async function rename(
    participant: Participant,
    lookup: Uint8Array,
    displayName: string,
  ): Promise<Participant> {
    const owner = { kind: 'participant', id: participant.id } as const
    using sealer = await vault.prepare([owner], signal)
    const [row] = await query(() =>
      db.select({ id: identities.id }).from(identities).where(eq(identities.lookup, lookup)),
    )
    if (row === undefined) return participant
    const sealed = sealer.seal(
      owner,
      { table: 'identities', column: 'display_name', row: row.id },
      displayName,
    )
    await query(() =>
      db
        .update(identities)
        .set({ displayName: sealed })
        .where(and(eq(identities.participantId, participant.id), eq(identities.id, row.id))),
    )
    return { ...participant, displayName }
  }

  async function openRoom(row: typeof rooms.$inferSelect, account: AccountId): Promise<Room> {
    const place = { table: 'rooms', column: 'external_id', row: row.id }
    const external = await vault.openText({ place, sealed: row.externalId }, signal)
    return {
      id: roomId(row.id),
      owner: ownerId(row.ownerId),
      account,
      kind: row.kind,
      externalId: externalId(external),
    }
  }

  const directory: Directory = {
    async participant(doorway, sender) {
      const lookup = vault.lookup({
        kind: 'identity',
        platform: doorway.platform,
        externalId: sender.externalId,
      })
      const key = textOf(lookup)
      let participant =
        participantsByLookup.get(key) ??
        (await findParticipant(lookup)) ??
        (await makeParticipant(doorway, sender, lookup))
      const displayName = cleanName(sender.displayName)
      if (participant.displayName !== displayName)
        participant = await rename(participant, lookup, displayName)
      participantsByLookup.set(key, participant)
      namesById.set(participant.id, participant.displayName)
      return participant
    },

    async room(doorway, reference, participant) {
      const known = await directory.findRoom(doorway, reference)
      if (known !== undefined) return known
      const id = newUuid()
      const room: Room = {
        id: roomId(id),
        owner: ownerId(reference.kind === 'direct' ? participant : id),
        account: doorway.account,
        kind: reference.kind,
        externalId: reference.externalId,
      }
      const owner = directory.keyOwner(room)
      using sealer = await vault.prepare([owner], signal)
      await query(() =>
        db
          .insert(rooms)
          .values({
            ownerId: room.owner,
            id,
            kind: room.kind,
            account: directory.blindAccount(doorway.account),
            lookup: roomLookup(doorway.account, reference),
            externalId: sealer.seal(
              owner,
              { table: 'rooms', column: 'external_id', row: id },
              room.externalId,
            ),
          })
          .onConflictDoNothing({ target: rooms.lookup }),
      )
      return (await directory.findRoom(doorway, reference)) ?? room
    },

    async findRoom({ account }, reference) {
      const lookup = roomLookup(account, reference)
      const key = textOf(lookup)
      const known = roomsByLookup.get(key)
      if (known !== undefined) return known
      const [row] = await query(() => db.select().from(rooms).where(eq(rooms.lookup, lookup)))
      if (row === undefined) return undefined
      const room = await openRoom(row, account)
      roomsByLookup.set(key, room)
      return room
    },

    async readRoom(owner, id, account) {
      const known = roomsById.get(id)
      if (known !== undefined) return known
      const [row] = await query(() =>
        db
          .select()
          .from(rooms)
          .where(and(eq(rooms.ownerId, owner), eq(rooms.id, id))),
      )
      if (row === undefined) throw new TypeError(`no room ${id}`)
      const room = await openRoom(row, account)
      roomsById.set(id, room)
      return room
    },

    async displayNames(ids) {
      const names = new Map<ParticipantId, string>()
      for (const id of new Set(ids)) {
        const name = namesById.get(id) ?? (await readName(id))
        namesById.set(id, name)
        names.set(id, name)
      }
      return names
    },

    keyOwner: (room) =>
      room.kind === 'direct'
        ? { kind: 'participant', id: participantId(room.owner) }
        : { kind: 'room', id: room.id },

    blindAccount(account) {
      const blind = blindAccounts.get(account) ?? vault.lookup({ kind: 'account', account })
      blindAccounts.set(account, blind)
      return blind
    },

    blindPersona(persona) {
      const blind = blindPersonas.get(persona) ?? vault.lookup({ kind: 'persona', persona })
      blindPersonas.set(persona, blind)
      personasByBlind.set(textOf(blind), persona)
      return blind
    },

    personaBehind: (blind) => personasByBlind.get(textOf(blind)),
  }

  async function readName(id: ParticipantId): Promise<string> {
    const [row] = await query(() =>
      db.select().from(identities).where(eq(identities.participantId, id)).limit(1),
    )
    if (row === undefined) return cleanName('')
    const place = { table: 'identities', column: 'display_name', row: row.id }
    return await vault.openText({ place, sealed: row.displayName }, signal)
  }

  return directory
}
