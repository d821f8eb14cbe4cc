import type { Room } from '../core/conversation.ts'
import type { RoomReference } from '../core/events.ts'
import {
  type AccountId,
  accountId,
  type ExternalId,
  externalId,
  newUuid,
  ownerId,
  type RoomId,
  roomId,
} from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Doorway } from '../core/store.ts'
import type { Vault } from '../vault/vault.ts'
import { type BlindNames, base64 } from './blind-names.ts'
import type { Database } from './database.ts'
import type { Directory } from './directory.ts'
import { and, eq, inArray } from './drizzle.ts'
import { goneError, guarded } from './errors.ts'
import { moveRoom } from './move-room.ts'
import { keyOwner, namedByPlace, roomPlace } from './room-key.ts'
import { formerRooms, rooms } from './schema.ts'

/** What a name stands for changes when it is erased alone, so what was found is kept: 10,000 rooms take about 4 MB. */
const kept = 10_000

/** By whom a room is heard of. */
type Heard = Pick<Doorway, 'account' | 'platform'>

export function createRoomDirectory(
  database: Database,
  vault: Vault,
  names: BlindNames,
  signal: AbortSignal,
): Pick<Directory, 'room' | 'findRoom' | 'readRoom' | 'clear'> {
  const byLookup = new LruMap<string, Room>(kept)
  const byId = new LruMap<RoomId, { readonly room: Room; readonly lookup: string }>(kept)
  const query = <T>(work: () => Promise<T>) => guarded(database.where, work)
  const db = database.drizzle

  /** A group is the same room for all accounts of its platform; what two say alone is between those two. */
  const namedBy = ({ account, platform }: Heard, { kind }: RoomReference): AccountId =>
    kind === 'group' ? accountId(platform) : account
  const lookupOf = (by: AccountId, id: ExternalId) =>
    vault.lookup({ kind: 'room', account: by, externalId: id })

  const open = (row: RoomRow, account: AccountId) => openRoom(vault, row, account, signal)

  async function findRoom(heard: Heard, reference: RoomReference): Promise<Room | undefined> {
    const { account } = heard
    const lookup = lookupOf(namedBy(heard, reference), reference.externalId)
    const key = base64(lookup)
    const known = byLookup.get(key)
    if (known !== undefined) return known.account === account ? known : { ...known, account }
    const [row] = await query(() => db.select().from(rooms).where(eq(rooms.lookup, lookup)))
    const room =
      row === undefined
        ? ((await shareOwn(heard, reference)) ?? (await findFormer(heard, reference)))
        : await open(row, account)
    if (room !== undefined) byLookup.set(key, room)
    return room
  }

  /** A group that was this account's alone is from now on everybody's: the first account that looks for its own gives it. */
  async function shareOwn(heard: Heard, reference: RoomReference): Promise<Room | undefined> {
    if (reference.kind === 'direct') return undefined
    const own = lookupOf(heard.account, reference.externalId)
    const [row] = await query(() => db.select().from(rooms).where(eq(rooms.lookup, own)))
    if (row?.kind !== 'group') return undefined
    const room = await open(row, heard.account)
    using sealer = await vault.prepare([keyOwner(room)], signal)
    const name = sealer.seal(keyOwner(room), namedByPlace(row.id), heard.account)
    const shared = lookupOf(namedBy(heard, reference), reference.externalId)
    const taken = await query(() =>
      db.transaction(async (transaction) => {
        const others = await transaction.select().from(rooms).where(eq(rooms.lookup, shared))
        if (others.length === 0)
          await transaction
            .update(rooms)
            .set({ lookup: shared, namedBy: name })
            .where(and(eq(rooms.ownerId, row.ownerId), eq(rooms.id, row.id), eq(rooms.lookup, own)))
        return others[0]
      }),
    )
    return taken === undefined ? room : await open(taken, heard.account)
  }

  /** What was said before a room was upgraded is still edited and redacted under the old name. */
  async function findFormer(heard: Heard, reference: RoomReference): Promise<Room | undefined> {
    const { externalId: name } = reference
    const lookups = [namedBy(heard, reference), heard.account].map((by) => lookupOf(by, name))
    const [found] = await query(() =>
      db
        .select({ row: rooms })
        .from(formerRooms)
        .innerJoin(rooms, and(eq(rooms.ownerId, formerRooms.ownerId), eq(rooms.id, formerRooms.roomId)))
        .where(inArray(formerRooms.lookup, lookups)),
    )
    return found === undefined ? undefined : { ...(await open(found.row, heard.account)), externalId: name }
  }

  return {
    clear() {
      byLookup.clear()
      byId.clear()
    },

    findRoom,

    async room(doorway, reference, participant) {
      const known = await findRoom(doorway, reference)
      if (known !== undefined) return known
      const by = namedBy(doorway, reference)
      const { replaces } = reference
      if (replaces !== undefined) {
        const old = await findRoom(doorway, { kind: reference.kind, externalId: replaces })
        const mover = {
          participant,
          persona: names.blindPersona(doorway.persona),
          lookupOf: (name: ExternalId) => lookupOf(by, name),
        }
        if (old !== undefined && (await moveRoom(database, vault, old, reference, mover, signal))) {
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
        namedBy: by,
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
            lookup: lookupOf(by, reference.externalId),
            externalId: sealer.seal(owner, roomPlace(id), room.externalId),
            ...(room.kind === 'group' && { namedBy: sealer.seal(owner, namedByPlace(id), by) }),
          })
          .onConflictDoNothing({ target: rooms.lookup }),
      )
      return (await findRoom(doorway, reference)) ?? room
    },

    async readRoom(owner, id, account, lookup) {
      const known = byId.get(id)
      if (known?.lookup === base64(lookup)) return { ...known.room, account }
      const [row] = await query(() =>
        db
          .select()
          .from(rooms)
          .where(and(eq(rooms.ownerId, owner), eq(rooms.id, id))),
      )
      if (row === undefined) throw goneError()
      const room = await open(row, account)
      byId.set(id, { room, lookup: base64(row.lookup) })
      return room
    },
  }
}

type RoomRow = typeof rooms.$inferSelect

async function openRoom(
  vault: Vault,
  { id, ownerId: owner, kind, externalId: name, namedBy }: RoomRow,
  account: AccountId,
  signal: AbortSignal,
): Promise<Room> {
  const by = namedBy === null ? [] : [{ place: namedByPlace(id), sealed: namedBy }]
  const items = [{ place: roomPlace(id), sealed: name }, ...by]
  const [external = '', named] = await Promise.all(items.map((item) => vault.openText(item, signal)))
  return {
    id: roomId(id),
    owner: ownerId(owner),
    account,
    kind,
    externalId: externalId(external),
    namedBy: named === undefined ? account : accountId(named),
  }
}
