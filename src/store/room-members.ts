import { createHash } from 'node:crypto'
import type { Platform, Room } from '../core/conversation.ts'
import type { ExternalId } from '../core/ids.ts'
import { base64 } from './blind-names.ts'
import { run, type StoreContext, transact } from './context.ts'
import { and, eq, inArray, isNull } from './drizzle.ts'
import { lockRoom } from './room-position.ts'
import { roomMembers, rooms } from './schema.ts'

/**
 * Writes down who is in a group from the next message on, and whether they can read what was said before, where
 * that has changed. To be called before the
 * message that they can read is stored.
 */
export async function updateMembers(
  context: StoreContext,
  room: Room,
  platform: Platform,
  present: readonly ExternalId[],
  readsBefore: boolean,
): Promise<void> {
  const { vault } = context
  const members = new Map(
    present.map((externalId) => {
      const lookup = vault.lookup({ kind: 'identity', platform, externalId })
      return [base64(lookup), lookup] as const
    }),
  )
  const digest = createHash('sha256')
    .update([...members.keys(), readsBefore].sort().join())
    .digest()
  const here = and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id))
  const readDigest = (db: Parameters<Parameters<typeof run>[1]>[0]) =>
    db.select({ present: rooms.present }).from(rooms).where(here)
  const isSame = ([row]: readonly { readonly present: Uint8Array | null }[]) =>
    row?.present != null && base64(row.present) === base64(digest)
  if (isSame(await run(context, readDigest))) return
  await transact(context, async (transaction) => {
    const position = await lockRoom(transaction, room)
    if (isSame(await readDigest(transaction))) return
    const open = and(
      eq(roomMembers.ownerId, room.owner),
      eq(roomMembers.roomId, room.id),
      isNull(roomMembers.toPosition),
    )
    const before = await transaction.select({ member: roomMembers.member }).from(roomMembers).where(open)
    const gone = before.filter(({ member }) => !members.delete(base64(member))).map(({ member }) => member)
    if (gone.length > 0)
      await transaction
        .update(roomMembers)
        .set({ toPosition: position })
        .where(and(open, inArray(roomMembers.member, gone)))
    if (members.size > 0)
      await transaction
        .insert(roomMembers)
        .values(
          [...members.values()].map((member) => ({
            ownerId: room.owner,
            roomId: room.id,
            member,
            fromPosition: position + 1,
          })),
        )
        // Gone and back without a word between.
        .onConflictDoUpdate({
          target: [roomMembers.ownerId, roomMembers.roomId, roomMembers.member, roomMembers.fromPosition],
          set: { toPosition: null },
        })
    await transaction.update(rooms).set({ present: digest, readsBefore }).where(here)
  })
}
