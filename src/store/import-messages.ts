import type { Room } from '../core/conversation.ts'
import { newUuid, type ParticipantId, type RoomId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { ImportedConversation, ImportedMessage, Importer } from '../core/store.ts'
import type { Sealer } from '../vault/vault.ts'
import { base64 } from './blind-names.ts'
import { run, type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, sql } from './drizzle.ts'
import { importPaused } from './errors.ts'
import { contentPlace, messageLookup } from './message-rows.ts'
import { lockRoom } from './room-position.ts'
import { messages, participants, personaRooms, rooms, turns } from './schema.ts'
import { now } from './time.ts'

/** Of a room: where its order stands, and what the next words of the persona are an answer to. */
interface Course {
  readonly position: number
  /** What its last turn answers; nothing before the first one. */
  readonly answered: Span
  /** What was said since then; undefined where nothing was. */
  readonly open: Span | undefined
}

interface Span {
  readonly since: number
  readonly until: number
}

/** A message in its place; with a turn where it is the persona's. */
interface Placed extends ImportedMessage {
  readonly lookup: Uint8Array
  readonly id: string
  readonly position: number
  readonly anchor: number
  readonly turn: (Span & { readonly id: string }) | undefined
}

/** An export of ten thousand conversations has none twice: a few are enough. */
const coursesKept = 1_000

/**
 * A reply is never without its turn, so each of the persona's messages gets one: closed from the beginning,
 * and therefore never claimed, counted or delivered. The room is one that the account has left: whatever
 * becomes of its messages later, no turn there is opened again.
 */
export function createImporter(context: StoreContext): Importer {
  const { directory, vault, signal } = context
  const courses = new LruMap<RoomId, Course>(coursesKept)

  async function roomOf({ doorway, person, room }: ImportedConversation): Promise<Room> {
    const known = await directory.findParticipant(doorway, person)
    if (known !== undefined && !(await isRemembering(context, known.id))) throw importPaused()
    const { id } = known ?? (await directory.participant(doorway, person))
    return await directory.room(doorway, { kind: 'direct', externalId: room }, id)
  }

  return {
    async add(conversation, given) {
      const room = await roomOf(conversation)
      using sealer = await vault.prepare([directory.keyOwner(room)], signal)
      const named = given.map((message) => {
        const lookup = messageLookup(context, room, message.externalId)
        return { ...message, lookup, key: base64(lookup) }
      })
      const done = await transact(context, async (transaction) => {
        const position = await lockRoom(transaction, room)
        const known = await findKnown(
          transaction,
          room,
          named.map(({ lookup }) => lookup),
        )
        const added = named.filter(({ key }) => !known.has(key) && known.add(key))
        if (added.length === 0) return undefined
        const kept = courses.get(room.id)
        const before = kept?.position === position ? kept : await readCourse(transaction, room, position)
        const { placed, course } = layOut(before, added)
        await insertTurns(context, transaction, conversation, room, placed)
        await insertMessages(context, transaction, conversation, room, placed, sealer)
        // The persona was here: what was said counts as said to it.
        await transaction
          .insert(personaRooms)
          .values({
            ownerId: room.owner,
            roomId: room.id,
            persona: directory.blindPersona(conversation.doorway.persona),
            departed: true,
          })
          .onConflictDoNothing()
        await transaction
          .update(rooms)
          .set({ lastPosition: course.position, rememberAt: sql`coalesce(${rooms.rememberAt}, ${now})` })
          .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id)))
        return { count: added.length, course }
      })
      if (done === undefined) return 0
      courses.set(room.id, done.course)
      context.statistics.grew(done.count)
      return done.count
    },
  }
}

async function isRemembering(context: StoreContext, person: ParticipantId): Promise<boolean> {
  const { id, remembering } = participants
  const rows = await run(context, (db) => db.select({ remembering }).from(participants).where(eq(id, person)))
  return rows.every((row) => row.remembering)
}

/**
 * Also those of which only the tombstone is left. One by one, each with a limit: asked for all at once,
 * Postgres read every message of the owner for each batch.
 */
async function findKnown(
  transaction: Drizzle,
  room: Room,
  lookups: readonly Uint8Array[],
): Promise<Set<string>> {
  const found = (await transaction.execute(sql`
    select given.lookup from unnest(${sql.param(lookups)}::bytea[]) as given (lookup)
    cross join lateral (
      select 1 from messages where owner_id = ${room.owner}::uuid and lookup = given.lookup limit 1
    ) known`)) as unknown as { readonly rows: readonly { readonly lookup: Uint8Array }[] }
  return new Set(found.rows.map(({ lookup }) => base64(lookup)))
}

async function readCourse(transaction: Drizzle, room: Room, position: number): Promise<Course> {
  const [turn] = await transaction
    .select({ since: turns.since, until: turns.until })
    .from(turns)
    .where(eq(turns.roomId, room.id))
    .orderBy(sql`${turns.until} desc`)
    .limit(1)
  const answered = turn ?? nothing
  const [open] = await transaction
    .select({
      since: sql<number | null>`min(${messages.anchor})::float8`,
      until: sql<number | null>`max(${messages.anchor})::float8`,
    })
    .from(messages)
    .where(
      and(
        eq(messages.ownerId, room.owner),
        eq(messages.roomId, room.id),
        sql`${messages.anchor} > ${answered.until} and chosen and content is not null`,
        eq(messages.author, 'participant'),
      ),
    )
  const { since, until } = open ?? { since: null, until: null }
  return {
    position,
    answered,
    open: since === null || until === null ? undefined : { since, until },
  }
}

/** Before the first message: what the persona says there is a greeting. */
const nothing: Span = { since: 0, until: 0 }

function layOut(
  before: Course,
  added: readonly (ImportedMessage & { readonly lookup: Uint8Array })[],
): { readonly placed: readonly Placed[]; readonly course: Course } {
  let { position, answered, open } = before
  const placed = added.map((message): Placed => {
    position++
    const row = { ...message, id: newUuid(), position }
    if (message.from === 'person') {
      open = { since: open?.since ?? position, until: position }
      return { ...row, anchor: position, turn: undefined }
    }
    // A second reply to the same words belongs to them as the first one does.
    answered = open ?? answered
    open = undefined
    return { ...row, anchor: answered.until, turn: { id: newUuid(), ...answered } }
  })
  return { placed, course: { position, answered, open } }
}

/*
 * Columns instead of rows: as rows of their own, drizzle took longer to write the statement than Postgres to
 * carry it out: that was a quarter of the time of an import into PGlite.
 */

async function insertTurns(
  { directory }: StoreContext,
  transaction: Drizzle,
  { doorway }: ImportedConversation,
  room: Room,
  placed: readonly Placed[],
): Promise<void> {
  const answering = placed.flatMap(({ turn, at }) => (turn === undefined ? [] : [{ ...turn, at }]))
  if (answering.length === 0) return
  const column = <Value>(of: (turn: (typeof answering)[number]) => Value) => sql.param(answering.map(of))
  await transaction.execute(sql`
    insert into turns (
      owner_id, id, room_id, account, persona, kind, state, outcome, since, until, due_at, shown_at, closed_at
    )
    select ${room.owner}::uuid, id, ${room.id}::uuid, ${directory.blindAccount(doorway.account)}::bytea,
      ${directory.blindPersona(doorway.persona)}::bytea, case when until = 0 then 'greeting' else 'reply' end,
      'closed', 'replied', since, until, at, at, at
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ since }) => since)}::bigint[],
      ${column(({ until }) => until)}::bigint[], ${column(({ at }) => at.toISOString())}::timestamptz[]
    ) as given (id, since, until, at)`)
}

async function insertMessages(
  { directory }: StoreContext,
  transaction: Drizzle,
  { doorway }: ImportedConversation,
  room: Room,
  placed: readonly Placed[],
  sealer: Sealer,
): Promise<void> {
  const keyOwner = directory.keyOwner(room)
  const column = <Value>(of: (message: Placed) => Value) => sql.param(placed.map(of))
  const sealed = ({ id, text }: Placed) => sealer.seal(keyOwner, contentPlace(id), text)
  await transaction.execute(sql`
    insert into messages (
      owner_id, id, room_id, position, anchor, author, participant_id, persona, turn_id, swipe, lookup, content,
      said_at, remember
    )
    select ${room.owner}::uuid, id, ${room.id}::uuid, position, anchor,
      case when turn is null then 'participant' else 'persona' end,
      case when turn is null then ${room.owner}::uuid end,
      case when turn is not null then ${directory.blindPersona(doorway.persona)}::bytea end, turn,
      case when turn is not null then 0 end, lookup, content, at, turn is null
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ position }) => position)}::bigint[],
      ${column(({ anchor }) => anchor)}::bigint[], ${column(({ turn }) => turn?.id ?? null)}::uuid[],
      ${column(({ lookup }) => lookup)}::bytea[], ${column(sealed)}::bytea[],
      ${column(({ at }) => at.toISOString())}::timestamptz[]
    ) as given (id, position, anchor, turn, lookup, content, at)`)
}
