import type { Room } from '../core/conversation.ts'
import type { PersonaId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Circle, Doorway, Present } from '../core/store.ts'
import { collect, type Invited, mayCollect } from './collect-turn.ts'
import { run, type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, isNotNull, sql } from './drizzle.ts'
import { recentMessages } from './last-speaker.ts'
import { lockRoom } from './room-position.ts'
import { personaRooms } from './schema.ts'

/** So many are known to be there without asking again. */
const kept = 10_000

/** `Circle`. */
export function createCircle(context: StoreContext): Circle {
  const { directory } = context
  const entered = new LruMap<string, boolean>(kept)
  const { ownerId, roomId, persona, account, departed, quiet } = personaRooms
  const inRoom = (room: Room) => and(eq(ownerId, room.owner), eq(roomId, room.id))

  async function enter(doorway: Doorway, room: Room, maySpeak: boolean): Promise<void> {
    const values = {
      ownerId: room.owner,
      roomId: room.id,
      persona: directory.blindPersona(doorway.persona),
      account: maySpeak ? directory.blindAccount(doorway.account) : null,
    }
    await run(context, (db) =>
      db
        .insert(personaRooms)
        .values(values)
        .onConflictDoUpdate({ target: [ownerId, roomId, persona], set: { account: values.account } }),
    )
  }

  async function findInvited(transaction: Drizzle, room: Room, id: PersonaId): Promise<Invited | undefined> {
    const [row] = await transaction
      .select({ persona, account })
      .from(personaRooms)
      .where(
        and(
          inRoom(room),
          eq(persona, directory.blindPersona(id)),
          eq(departed, false),
          eq(quiet, false),
          isNotNull(account),
        ),
      )
    return row?.account == null ? undefined : { persona: row.persona, account: row.account }
  }

  return {
    async enter(doorway, room, maySpeak) {
      const key = `${room.id} ${doorway.persona} ${doorway.account}`
      if (entered.get(key) === maySpeak) return
      await enter(doorway, room, maySpeak)
      entered.set(key, maySpeak)
    },

    async readPresent(room, before) {
      const rows = await run(context, (db) => {
        const recent = recentMessages(db, room, before)
        return db
          .select({ persona, spokeAt: sql<number>`coalesce(max(${recent.position}), 0)::float8` })
          .from(personaRooms)
          .leftJoin(recent, eq(recent.persona, persona))
          .where(and(inRoom(room), eq(departed, false), eq(quiet, false), isNotNull(account)))
          .groupBy(persona)
      })
      return rows.flatMap(({ persona: blind, spokeAt }): readonly Present[] => {
        const id = directory.personaBehind(blind)
        return id === undefined ? [] : [{ persona: id, spokeAt }]
      })
    },

    async invite(room, id, at, dueInMs, most) {
      // Most are asked already, by what another account has told: that needs no lock.
      const blind = directory.blindPersona(id)
      if (!(await run(context, (db) => mayCollect(db, room, blind, at, most)))) return false
      return await transact(context, async (transaction) => {
        await lockRoom(transaction, room)
        const invited = await findInvited(transaction, room, id)
        return (
          invited !== undefined && (await collect(context, transaction, room, invited, at, dueInMs, most))
        )
      })
    },
  }
}
