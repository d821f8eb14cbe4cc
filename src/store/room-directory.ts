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
import { keyOwner } from './room-key.ts'
import { rooms } from './schema.ts'

/** Rooms never change, so what was found is kept: 10,000 of them take about 4 MB. */
const kept = 10_000

const place = (row: string) => ({ table: 'rooms', column: 'external_id', row })

export function createRoomDirectory(
  database: Database,
  vault: Vault,
  names: BlindNames,
  signal: AbortSignal,
): Pick<Directory, 'room' | 'findRoom' | 'readRoom'> {
  const byLookup = new LruMap<string, Room>(kept)
  const byId = new LruMap<RoomId, Room>(kept)
  const query = <T>(work: () => Promise<T>) => guarded(database.where, work)
  const db = database.drizzle

  const lookupOf = (account: AccountId, room: RoomReference) =>
    vault.lookup({ kind: 'room', account, externalId: room.externalId })

  async function open(row: typeof rooms.$inferSelect, account: AccountId): Promise<Room> {
    const external = await vault.openText({ place: place(row.id), sealed: row.externalId }, signal)
    return {
      id: roomId(row.id),
      owner: ownerId(row.ownerId),
      account,
      kind: row.kind,
      externalId: externalId(external),
    }
  }

  async function findRoom({ account }: Doorway, reference: RoomReference): Promise<Room | undefined> {
    const lookup = lookupOf(account, reference)
    const key = base64(lookup)
    const known = byLookup.get(key)
    if (known !== undefined) return known
    const [row] = await query(() => db.select().from(rooms).where(eq(rooms.lookup, lookup)))
    if (row === undefined) return undefined
    const room = await open(row, account)
    byLookup.set(key, room)
    return room
  }

  return {
    findRoom,

    async room(doorway, reference, participant) {
      const known = await findRoom(doorway, reference)
      if (known !== undefined) return known
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
            externalId: sealer.seal(owner, place(id), room.externalId),
          })
          .onConflictDoNothing({ target: rooms.lookup }),
      )
      return (await findRoom(doorway, reference)) ?? room
    },

    async readRoom(owner, id, account) {
      const known = byId.get(id)
      if (known !== undefined) return known
      const [row] = await query(() =>
        db
          .select()
          .from(rooms)
          .where(and(eq(rooms.ownerId, owner), eq(rooms.id, id))),
      )
      if (row === undefined) throw new TypeError(`no room ${id}`)
      const room = await open(row, account)
      byId.set(id, room)
      return room
    },
  }
}
