import type { RoomKey } from '../core/conversation.ts'
import type { PersonaId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { RoomManners } from '../core/store.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, sql } from './drizzle.ts'
import { hasSay } from './has-say.ts'
import { personaRooms } from './schema.ts'

const keptRooms = 10_000
/**
 * Commands come in where turns are taken, by the process that serves the account. After it was another's for a
 * while, what was kept is of this age at most.
 */
const keptMs = 60_000

interface Kept {
  readonly manners: Readonly<Record<string, string>>
  readonly untilMs: number
}

export function createRoomManners(context: StoreContext): RoomManners {
  const { directory } = context
  const kept = new LruMap<string, Kept>(keptRooms)
  const keyOf = ({ id }: RoomKey, persona: PersonaId) => `${id} ${persona}`
  const keep = (key: string, manners: Readonly<Record<string, string>>) => {
    kept.set(key, { manners, untilMs: performance.now() + keptMs })
    return manners
  }

  return {
    async read(room, persona) {
      const key = keyOf(room, persona)
      const known = kept.get(key)
      if (known !== undefined && known.untilMs > performance.now()) return known.manners
      const { ownerId, roomId, persona: column, manners } = personaRooms
      const here = and(
        eq(ownerId, room.owner),
        eq(roomId, room.id),
        eq(column, directory.blindPersona(persona)),
      )
      const [row] = await run(context, (db) => db.select({ manners }).from(personaRooms).where(here))
      return keep(key, row?.manners ?? {})
    },

    findRoom: (doorway, reference) => directory.findRoom(doorway, reference),

    async roomToChange(doorway, event) {
      const person = await directory.participant(doorway, event.sender)
      const room = await directory.room(doorway, event.room, person.id)
      return (await hasSay(context, doorway, room, event.sender)) ? room : undefined
    },

    async change(room, persona, change) {
      const set = Object.entries(change).filter(([, value]) => value !== undefined)
      const gone = Object.keys(change).filter((name) => change[name] === undefined)
      const [row] = await run(context, (db) =>
        db
          .insert(personaRooms)
          .values({
            ownerId: room.owner,
            roomId: room.id,
            persona: directory.blindPersona(persona),
            manners: Object.fromEntries(set) as Record<string, string>,
          })
          .onConflictDoUpdate({
            target: [personaRooms.ownerId, personaRooms.roomId, personaRooms.persona],
            // One by one: two who change different settings at once both get theirs.
            set: { manners: sql`(${personaRooms.manners} - ${sql.param(gone)}::text[]) || excluded.manners` },
          })
          .returning({ manners: personaRooms.manners }),
      )
      return keep(keyOf(room, persona), row?.manners ?? {})
    },
  }
}
