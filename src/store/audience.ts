import type { Room } from '../core/conversation.ts'
import { ownerId, type PersonaId, roomId } from '../core/ids.ts'
import type { Slice } from '../core/recall.ts'
import { base64 } from './blind-names.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, inArray, isNull, sql } from './drizzle.ts'
import { personaRooms, roomMembers, rooms } from './schema.ts'
import { statement, value } from './statement.ts'

interface Span {
  readonly from: number
  readonly to: number
}

/** As far as there is anything, and whatever will be said. */
const everything: Span = { from: 0, to: Number.MAX_SAFE_INTEGER }

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
  const whole: Slice = { owner: room.owner, room: room.id, ...everything }
  if (room.kind === 'direct') return [whole, ...(await readOfTwo(context, room, persona))]
  const present = await readPresent(context, room)
  if (present === undefined) return [whole]
  const shared = await readShared(context, persona, present)
  const here = shared.some((slice) => slice.room === room.id)
  // Nobody has answered there yet, and so it is not known as one of the persona's.
  return here ? shared : [...(await readSpans(context, room, present)), ...shared]
}

const ofTwo = statement(
  'audience of two',
  sql`
    select r.owner_id as owner, r.id as room, 'direct' as kind, null::float8 as from_position, null::float8 as to_position
    from rooms r join persona_rooms p on p.owner_id = r.owner_id and p.room_id = r.id and p.persona = ${value('persona')}
    where r.owner_id = ${value('owner')} and r.kind = 'direct' and r.id <> ${value('room')}
    union all
    select m.owner_id, m.room_id, 'group', m.from_position::float8, m.to_position::float8
    from identities i
    join room_members m on m.member = i.lookup
    join persona_rooms p on p.owner_id = m.owner_id and p.room_id = m.room_id and p.persona = ${value('persona')}
    where i.participant_id = ${value('owner')}`,
)

interface OfTwoRow {
  readonly owner: string
  readonly room: string
  readonly kind: 'direct' | 'group'
  readonly from_position: number | null
  readonly to_position: number | null
}

/** The person's other direct rooms with this persona, and its groups as far as they were in them, by any name. */
async function readOfTwo(
  { database, directory }: StoreContext,
  room: Room,
  persona: PersonaId,
): Promise<readonly Slice[]> {
  const values = { owner: room.owner, room: room.id, persona: directory.blindPersona(persona) }
  const rows = (await database.statement(ofTwo, values, { relaxed: true })) as unknown as readonly OfTwoRow[]
  return rows.map(({ owner, room: id, from_position: from, to_position: to }) => ({
    owner: ownerId(owner),
    room: roomId(id),
    from: from ?? everything.from,
    to: to ?? everything.to,
  }))
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
