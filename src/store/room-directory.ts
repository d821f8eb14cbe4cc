import type { Room } from '../core/conversation.ts'
import type { RoomReference } from '../core/events.ts'
import { type AccountId, externalId, newUuid, ownerId, type RoomId, roomId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Doorway } from '../core/store.ts'
import type { Vault } from '../vault/vault.ts'
import { type BlindNames, base64 } from './blind-names.ts'
import type { Database } from './database.ts'
import type { Directory } from './directory.ts'
import { and, eq } from './drizzle.ts'
import { guarded } from './errors.ts'
import { moveRoom } from './move-room.ts'
import { keyOwner, roomPlace } from './room-key.ts'
import { formerRooms, rooms } from './schema.ts'

/** What a name stands for never changes, so what was found is kept: 10,000 rooms take about 4 MB. */
const kept = 10_000

export function createRoomDirectory(
  database: Database,
  vault: Vault,
  names: BlindNames,
  signal: AbortSignal,
): Pick<Directory, 'room' | 'findRoom' | 'readRoom'> {
  const byLookup = new LruMap<string, Room>(kept)
  const byId = new LruMap<RoomId, { readonly room: Room; readonly lookup: string }>(kept)
  const query = <T>(work: () => Promise<T>) => guarded(database.where, work)
  const db = database.drizzle

  const lookupOf = (account: AccountId, room: RoomReference) =>
    vault.lookup({ kind: 'room', account, externalId: room.externalId })

  async function open(row: typeof rooms.$inferSelect, account: AccountId): Promise<Room> {
    const external = await vault.openText({ place: roomPlace(row.id), sealed: row.externalId }, signal)
    return {
      id: roomId(row.id),
      owner: ownerId(row.ownerId),
      account,
      kind: row.kind,
      externalId: externalId(external),
    }
  }

  async function findRoom(
    { account }: Pick<Doorway, 'account'>,
    reference: RoomReference,
  ): Promise<Room | undefined> {
    const lookup = lookupOf(account, reference)
    const key = base64(lookup)
    const known = byLookup.get(key)
    if (known !== undefined) return known
    const [row] = await query(() => db.select().from(rooms).where(eq(rooms.lookup, lookup)))
    const room = row === undefined ? await findFormer(lookup, reference, account) : await open(row, account)
    if (room !== undefined) byLookup.set(key, room)
    return room
  }

  /** What was said before a room was upgraded is still edited and redacted under the old name. */
  async function findFormer(
    lookup: Uint8Array,
    { externalId }: RoomReference,
    account: AccountId,
  ): Promise<Room | undefined> {
    const [found] = await query(() =>
      db
        .select({ row: rooms })
        .from(formerRooms)
        .innerJoin(rooms, and(eq(rooms.ownerId, formerRooms.ownerId), eq(rooms.id, formerRooms.roomId)))
        .where(eq(formerRooms.lookup, lookup)),
    )
    return found === undefined ? undefined : { ...(await open(found.row, account)), externalId }
  }

  return {
    findRoom,

    async room(doorway, reference, participant) {
      const known = await findRoom(doorway, reference)
      if (known !== undefined) return known
      const { replaces } = reference
      if (replaces !== undefined) {
        const old = await findRoom(doorway, { kind: reference.kind, externalId: replaces })
        if (old !== undefined && (await moveRoom(database, vault, old, reference, participant, signal))) {
          return { ...old, externalId: reference.externalId }
        }
      }
      const id = newUuid()
      const room: Room = {
        id: roomId(id),
        owner: ownerId(reference.kind === 'direct' ? participant : id),
        account: doorway.account,
        kind: reference.kind,
        externalId: reference.externalId,
      }
      const owner = keyOwner(room)
      using sealer = await vault.prepare([owner], signal)
      await query(() =>
        db
          .insert(rooms)
          .values({
            ownerId: room.owner,
            id,
            kind: room.kind,
            account: names.blindAccount(doorway.account),
            lookup: lookupOf(doorway.account, reference),
            externalId: sealer.seal(owner, roomPlace(id), room.externalId),
          })
          .onConflictDoNothing({ target: rooms.lookup }),
      )
      return (await findRoom(doorway, reference)) ?? room
    },

    async readRoom(owner, id, account, lookup) {
      const known = byId.get(id)
      if (known?.lookup === base64(lookup)) return known.room
      const [row] = await query(() =>
        db
          .select()
          .from(rooms)
          .where(and(eq(rooms.ownerId, owner), eq(rooms.id, id))),
      )
      if (row === undefined) throw new TypeError(`no room ${id}`)
      const room = await open(row, account)
      byId.set(id, { room, lookup: base64(row.lookup) })
      return room
    },
  }
}
