import { type ParticipantId, participantId, type RoomId, roomId } from '../core/ids.ts'
import type { KeptData } from '../core/people.ts'
import type { SelfDescriptions } from '../core/store.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, sql } from './drizzle.ts'
import { selfDescriptions } from './memory-schema.ts'
import { statement, value } from './statement.ts'

const place = (person: string, room: string): Place => ({
  table: 'self_descriptions',
  column: 'content',
  row: `${person} ${room}`,
})

const ofRoom = statement(
  'self descriptions',
  sql`select owner_id, content from self_descriptions where room_id = ${value('room')}::uuid`,
)

interface Row {
  readonly owner_id: string
  readonly content: Uint8Array
}

/** What somebody says of themself, in whichever rooms. */
export async function readSelves(context: StoreContext, person: ParticipantId): Promise<KeptData['selves']> {
  const rows = await run(context, (db) =>
    db.select().from(selfDescriptions).where(eq(selfDescriptions.ownerId, person)),
  )
  const texts = await context.vault.openTexts(
    rows.map(({ roomId, content }) => ({ place: place(person, roomId), sealed: content })),
    context.signal,
  )
  return rows.flatMap(({ roomId: room }, index) => {
    const text = texts[index]
    return text === undefined ? [] : [{ room: roomId(room), text }]
  })
}

export async function openSelves(
  { vault, signal }: StoreContext,
  room: RoomId,
  rows: readonly Row[],
): Promise<ReadonlyMap<ParticipantId, string>> {
  if (rows.length === 0) return new Map()
  const texts = await vault.openTexts(
    rows.map(({ owner_id: owner, content }) => ({ place: place(owner, room), sealed: content })),
    signal,
  )
  // Whoever was erased says nothing any more.
  return new Map(
    rows.flatMap(({ owner_id: owner }, index): readonly (readonly [ParticipantId, string])[] => {
      const text = texts[index]
      return text === undefined ? [] : [[participantId(owner), text]]
    }),
  )
}

export function createSelfDescriptions(context: StoreContext): SelfDescriptions {
  const { database, directory, vault, signal } = context
  const { ownerId, roomId } = selfDescriptions

  return {
    async read(room) {
      const rows = (await database.statement(
        ofRoom,
        { room: room.id },
        { relaxed: true },
      )) as unknown as readonly Row[]
      return await openSelves(context, room.id, rows)
    },

    async find(doorway, { room: reference, sender }) {
      const person = await directory.findParticipant(doorway, sender)
      const room = await directory.findRoom(doorway, reference)
      if (person === undefined || room === undefined) return undefined
      const here = and(eq(ownerId, person.id), eq(roomId, room.id))
      const [row] = await run(context, (db) => db.select().from(selfDescriptions).where(here))
      if (row === undefined) return undefined
      return await vault.openText({ place: place(person.id, room.id), sealed: row.content }, signal)
    },

    async write(doorway, { room: reference, sender }, text) {
      const { id: person } = await directory.participant(doorway, sender)
      const { id: room } = await directory.room(doorway, reference, person)
      if (text === undefined) {
        const here = and(eq(ownerId, person), eq(roomId, room))
        await run(context, (db) => db.delete(selfDescriptions).where(here))
        return
      }
      const owner = { kind: 'participant', id: person } as const
      using sealer = await vault.prepare([owner], signal)
      const content = sealer.seal(owner, place(person, room), text)
      await run(context, (db) =>
        db
          .insert(selfDescriptions)
          .values({ ownerId: person, roomId: room, content })
          .onConflictDoUpdate({ target: [ownerId, roomId], set: { content } }),
      )
    },
  }
}
