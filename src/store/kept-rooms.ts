import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import {
  type ExternalId,
  externalId,
  messageId,
  ownerId,
  type ParticipantId,
  type RoomId,
  roomId,
} from '../core/ids.ts'
import type { Made } from '../core/made.ts'
import type { MemoryRefs, Summary } from '../core/memory.ts'
import type { KeptMessage, KeptRoom } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq, inArray, or, sql } from './drizzle.ts'
import { openEpisodes } from './episodes.ts'
import type { MessageMedia } from './kept-media.ts'
import { readTurns } from './kept-turns.ts'
import { episodes, months, summaries, vectors } from './memory-schema.ts'
import { contentPlace, externalIdPlace, madePlace, recalledPlace } from './message-rows.ts'
import { openMonths } from './months.ts'
import { openEach } from './open-each.ts'
import { roomPlace } from './room-key.ts'
import { commands, formerRooms, identities, messages, personaRooms, roomMembers, rooms } from './schema.ts'
import { openSummary } from './summaries.ts'

type RoomRow = typeof rooms.$inferSelect

type MediaOf = ReadonlyMap<string, readonly MessageMedia[]>

interface OfRoom {
  readonly ownerId: AnyPgColumn
  readonly roomId: AnyPgColumn
}

/** Their own rooms, and the groups in which they have said something, or are or were. */
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
          sql`(owner_id, id) in (
            select owner_id, room_id from messages where participant_id = ${person}
            union
            select owner_id, room_id from room_members
            where member in (select lookup from identities where participant_id = ${person}))`,
        ),
      )
      .orderBy(asc(rooms.createdAt), asc(rooms.id)),
  )
  const names = await context.vault.openTexts(
    found.map((row) => ({ place: roomPlace(row.id), sealed: row.externalId })),
    context.signal,
  )
  const kept: KeptRoom[] = []
  for (const [index, row] of found.entries()) {
    const name = names[index]
    if (name !== undefined) kept.push(await readRoom(context, person, row, externalId(name), media))
  }
  return kept
}

async function readRoom(
  context: StoreContext,
  person: ParticipantId,
  row: RoomRow,
  name: ExternalId,
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
  const shared = { kind: row.kind, externalId: name, since: row.createdAt, present, messages: said }
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
    personas: personas.map(({ persona, quiet, manners }) => ({
      persona: directory.personaBehind(persona) ?? 'somebody',
      quiet,
      manners,
    })),
    turns: await readTurns(context, row),
    commands: done.map(({ outcome }) => outcome),
    episodes: await openEpisodes(context, past),
    months: await openMonths(context, whole),
    summaries: await openSummaries(context, here.id, told),
  }
}

async function openSummaries(
  context: StoreContext,
  room: RoomId,
  rows: readonly (typeof summaries.$inferSelect)[],
): Promise<readonly Summary[]> {
  const opened = await Promise.all(
    rows.map(async ({ toPosition: to, persona, content }) => {
      const summary = await openSummary(context, room, persona, content)
      return summary && { to, ...summary }
    }),
  )
  return opened.filter((summary) => summary !== undefined)
}

/** Of a group only what they said themself. */
async function readMessages(
  context: StoreContext,
  person: ParticipantId,
  row: RoomRow,
  media: MediaOf,
): Promise<readonly KeptMessage[]> {
  const rows = await run(context, (db) =>
    db
      .select({ message: messages, vector: vectors.model })
      .from(messages)
      .leftJoin(vectors, and(eq(vectors.ownerId, messages.ownerId), eq(vectors.messageId, messages.id)))
      .where(
        and(
          eq(messages.ownerId, row.ownerId),
          eq(messages.roomId, row.id),
          row.kind === 'group' ? eq(messages.participantId, person) : undefined,
        ),
      )
      .orderBy(asc(messages.anchor), asc(messages.position)),
  )
  const open = openEach(context)
  const texts = await open(
    rows,
    ({ message }) => message.content && { place: contentPlace(message.id), sealed: message.content },
  )
  const ids = await open(
    rows,
    ({ message }) => message.externalId && { place: externalIdPlace(message.id), sealed: message.externalId },
  )
  const recalled = await open(
    rows,
    ({ message }) => message.recalled && { place: recalledPlace(message.id), sealed: message.recalled },
  )
  const made = await open(
    rows,
    ({ message }) => message.made && { place: madePlace(message.id), sealed: message.made },
  )
  return rows.map(({ message, vector }, index) => {
    const { id, position, persona, saidAt, editedAt, redactedAt, swipe, chosen, passing } = message
    const [external, refs, how] = [ids[index], recalled[index], made[index]]
    return {
      id: messageId(id),
      position,
      persona: persona === null ? undefined : (context.directory.personaBehind(persona) ?? 'somebody'),
      text: texts[index],
      saidAt,
      editedAt,
      redactedAt,
      externalId: external === undefined ? undefined : externalId(external),
      swipe,
      chosen,
      recalled: refs === undefined ? undefined : (JSON.parse(refs) as MemoryRefs),
      made: how === undefined ? undefined : (JSON.parse(how) as Made),
      passing,
      vector: vector ?? undefined,
      media: (media.get(id) ?? []).map((each) => each.name),
    }
  })
}
