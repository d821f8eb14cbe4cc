import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { type ExternalId, externalId, ownerId, type ParticipantId, type RoomId, roomId } from '../core/ids.ts'
import type { KeptRoom } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq, inArray, or, sql } from './drizzle.ts'
import { openEpisodes } from './episodes.ts'
import { readKnocks } from './kept-knocks.ts'
import { type MediaOf, readMessages } from './kept-messages.ts'
import { readTurns } from './kept-turns.ts'
import { episodes, months, summaries } from './memory-schema.ts'
import { openMonths } from './months.ts'
import { openEach } from './open-each.ts'
import { namedByPlace, roomPlace } from './room-key.ts'
import { commands, formerRooms, identities, personaRooms, roomMembers, rooms } from './schema.ts'
import { openSummary } from './summaries.ts'

type RoomRow = typeof rooms.$inferSelect

interface OfRoom {
  readonly ownerId: AnyPgColumn
  readonly roomId: AnyPgColumn
}

/** Their own rooms, and the groups in which they have said something, also of themselves, or are or were. */
export async function readRooms(
  context: StoreContext,
  person: ParticipantId,
  media: MediaOf,
): Promise<readonly KeptRoom[]> {
  const found = await run(context, (db) =>
    db
      .select()
      .from(rooms)
      .where(
        or(
          eq(rooms.ownerId, person),
          sql`id in (select room_id from self_descriptions where owner_id = ${person})`,
          sql`(owner_id, id) in (
            select owner_id, room_id from messages where participant_id = ${person}
            union
            select owner_id, room_id from room_members
            where member in (select lookup from identities where participant_id = ${person}))`,
        ),
      )
      .orderBy(asc(rooms.createdAt), asc(rooms.id)),
  )
  const open = openEach(context)
  const names = await open(found, ({ id, externalId: sealed }) => ({ place: roomPlace(id), sealed }))
  const namedBy = await open(
    found,
    ({ id, namedBy: sealed }) => sealed && { place: namedByPlace(id), sealed },
  )
  const kept: KeptRoom[] = []
  for (const [index, row] of found.entries()) {
    const name = names[index]
    if (name === undefined) continue
    const named = { externalId: externalId(name), namedBy: namedBy[index] }
    kept.push(await readRoom(context, person, row, named, media))
  }
  return kept
}

async function readRoom(
  context: StoreContext,
  person: ParticipantId,
  row: RoomRow,
  named: { readonly externalId: ExternalId; readonly namedBy: string | undefined },
  media: MediaOf,
): Promise<KeptRoom> {
  const { directory } = context
  const own = row.kind === 'direct'
  const here = { owner: ownerId(row.ownerId), id: roomId(row.id) }
  const of = (table: OfRoom) => and(eq(table.ownerId, row.ownerId), eq(table.roomId, row.id))
  const member = inArray(
    roomMembers.member,
    context.database.drizzle
      .select({ lookup: identities.lookup })
      .from(identities)
      .where(eq(identities.participantId, person)),
  )
  const present = await run(context, (db) =>
    db
      .select({ from: roomMembers.fromPosition, to: roomMembers.toPosition })
      .from(roomMembers)
      .where(and(of(roomMembers), member))
      .orderBy(asc(roomMembers.fromPosition)),
  )
  const said = await readMessages(context, person, row, media)
  const { kind, createdAt: since, readsBefore } = row
  const shared = { ...named, id: here.id, kind, since, readsBefore, present, messages: said }
  if (!own)
    return {
      ...shared,
      formerNames: 0,
      personas: [],
      turns: [],
      commands: [],
      episodes: [],
      months: [],
      summaries: [],
      knocks: [],
    }
  const [former, personas, done, past, whole, told] = await Promise.all([
    run(context, (db) => db.select({ room: formerRooms.roomId }).from(formerRooms).where(of(formerRooms))),
    run(context, (db) => db.select().from(personaRooms).where(of(personaRooms))),
    run(context, (db) => db.select({ outcome: commands.outcome }).from(commands).where(of(commands))),
    run(context, (db) => db.select().from(episodes).where(of(episodes)).orderBy(asc(episodes.fromPosition))),
    run(context, (db) => db.select().from(months).where(of(months)).orderBy(asc(months.month))),
    run(context, (db) => db.select().from(summaries).where(of(summaries))),
  ])
  return {
    ...shared,
    formerNames: former.length,
    personas: personas.map(({ persona, quiet, unprompted, departed, historyFrom, manners }) => ({
      persona: directory.personaBehind(persona) ?? 'somebody',
      quiet,
      unprompted,
      departed,
      shownFrom: historyFrom,
      manners,
    })),
    turns: await readTurns(context, row),
    commands: done.map(({ outcome }) => outcome),
    episodes: withRows(await openEpisodes(context, past), past).map(([episode, { passedOver }]) => ({
      ...episode,
      passedOver: passedOver ?? undefined,
    })),
    months: withRows(await openMonths(context, whole), whole).map(([gist, { month, madeOf }]) => ({
      ...gist,
      month,
      madeOf,
    })),
    summaries: await openSummaries(context, here.id, told),
    knocks: await readKnocks(context, row),
  }
}

/** What could be opened, each with its row. */
function withRows<Gist extends { readonly id: string }, Row extends { readonly id: string }>(
  gists: readonly Gist[],
  rows: readonly Row[],
): readonly (readonly [Gist, Row])[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return gists.flatMap((gist) => {
    const row = byId.get(gist.id)
    return row === undefined ? [] : [[gist, row] as const]
  })
}

async function openSummaries(
  context: StoreContext,
  room: RoomId,
  rows: readonly (typeof summaries.$inferSelect)[],
): Promise<KeptRoom['summaries']> {
  const opened = await Promise.all(
    rows.map(async ({ toPosition: to, persona, content }) => {
      const summary = await openSummary(context, room, persona, content)
      return summary && { persona: context.directory.personaBehind(persona) ?? 'somebody', to, ...summary }
    }),
  )
  return opened.filter((summary) => summary !== undefined)
}
