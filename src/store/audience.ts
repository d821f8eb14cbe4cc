import type { Room, RoomKey } from '../core/conversation.ts'
import { ownerId, type PersonaId, roomId } from '../core/ids.ts'
import { everything, type Slice, wholeRoom } from '../core/recall.ts'
import { base64 } from './blind-names.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, inArray, isNull, sql } from './drizzle.ts'
import { type Elsewhere, elsewhere, heardElsewhere } from './recall-place.ts'
import { personaRooms, roomMembers, rooms } from './schema.ts'
import { statement, value } from './statement.ts'

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * What a persona may call to mind in a room: what was said where everybody who is there now could read it then.
 * In a direct room that is all that the same person and the persona said to each other alone, and the groups
 * that both were in; in a group it is groups alone. Where the platform does not tell who reads a group, what was
 * said there is told there and nowhere else.
 */
export async function readAudience(
  context: StoreContext,
  room: Room,
  persona: PersonaId,
): Promise<readonly Slice[]> {
  const whole = wholeRoom(room)
  if (room.kind === 'direct') return [whole, ...(await readOfTwo(context, room, persona))]
  const present = await readPresent(context, room)
  if (present === undefined) return [whole]
  const shared = await readShared(context, persona, present)
  const here = shared.some((slice) => slice.room === room.id)
  // Nobody has answered there yet, and so it is not known as one of the persona's.
  return here ? shared : [...(await readSpans(context, room, present)), ...shared]
}

/** `MemoryReader.readsBefore`. */
export async function readsBefore(context: StoreContext, room: RoomKey): Promise<boolean> {
  const [row] = await run(context, (db) =>
    db
      .select({ readsBefore: rooms.readsBefore })
      .from(rooms)
      .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id))),
  )
  return row?.readsBefore === true
}

const ofTwo = statement(
  'audience of two',
  elsewhere(sql`${value('owner')}`, sql`${value('room')}`, sql`${value('persona')}`),
)

async function readOfTwo(
  { database, directory }: StoreContext,
  room: Room,
  persona: PersonaId,
): Promise<readonly Slice[]> {
  const values = { owner: room.owner, room: room.id, persona: directory.blindPersona(persona) }
  const rows = await database.statement(ofTwo, values, { relaxed: true })
  return (rows as unknown as readonly Elsewhere[]).map(heardElsewhere)
}

/** Who is in the group now; undefined where the platform does not tell. */
async function readPresent(context: StoreContext, room: Room): Promise<readonly Uint8Array[] | undefined> {
  const found = await run(context, (db) =>
    db
      .select({ present: rooms.present, member: roomMembers.member })
      .from(rooms)
      .leftJoin(
        roomMembers,
        and(
          eq(roomMembers.ownerId, rooms.ownerId),
          eq(roomMembers.roomId, rooms.id),
          isNull(roomMembers.toPosition),
        ),
      )
      .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id))),
  )
  if (found.every(({ present }) => present === null)) return undefined
  return found.flatMap(({ member }) => (member === null ? [] : [member]))
}

/** The persona's groups, as far as all of these were in them. */
async function readShared(
  context: StoreContext,
  persona: PersonaId,
  people: readonly Uint8Array[],
): Promise<readonly Slice[]> {
  if (people.length === 0) return []
  const found = await run(context, (db) =>
    db
      .select({
        owner: roomMembers.ownerId,
        room: roomMembers.roomId,
        member: roomMembers.member,
        from: roomMembers.fromPosition,
        to: roomMembers.toPosition,
      })
      .from(roomMembers)
      .innerJoin(
        personaRooms,
        and(eq(personaRooms.ownerId, roomMembers.ownerId), eq(personaRooms.roomId, roomMembers.roomId)),
      )
      .where(
        and(
          inArray(roomMembers.member, [...people]),
          eq(personaRooms.persona, context.directory.blindPersona(persona)),
        ),
      ),
  )
  return [...Map.groupBy(found, ({ room }) => room)].flatMap(([room, rows]) =>
    sharedSpans(
      people.map((member) => spansOf(rows.filter((row) => base64(row.member) === base64(member)))),
    ).map((span) => ({ owner: ownerId(rows[0]?.owner ?? room), room: roomId(room), ...span })),
  )
}

async function readSpans(
  context: StoreContext,
  room: Room,
  members: readonly Uint8Array[],
): Promise<readonly Slice[]> {
  const rows = await run(context, (db) =>
    db
      .select({ member: roomMembers.member, from: roomMembers.fromPosition, to: roomMembers.toPosition })
      .from(roomMembers)
      .where(and(eq(roomMembers.ownerId, room.owner), eq(roomMembers.roomId, room.id))),
  )
  return sharedSpans(
    members.map((member) => spansOf(rows.filter((row) => base64(row.member) === base64(member)))),
  ).map((span) => ({ owner: room.owner, room: room.id, ...span }))
}

const spansOf = (rows: readonly { readonly from: number; readonly to: number | null }[]): readonly Span[] =>
  rows.map(({ from, to }) => ({ from, to: to ?? everything.to }))

/** Where all were there at once; none of one person's spans meet. */
export function sharedSpans(people: readonly (readonly Span[])[]): readonly Span[] {
  return people.reduce<readonly Span[]>(
    (shared, spans) =>
      shared.flatMap((one) =>
        spans.flatMap((other) => {
          const span = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }
          return span.from <= span.to ? [span] : []
        }),
      ),
    [everything],
  )
}
