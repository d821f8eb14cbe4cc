import type { RoomKey } from '../core/conversation.ts'
import { type ParticipantId, roomId } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { KeptData } from '../core/people.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, gte } from './drizzle.ts'
import { factOwner } from './fact-rows.ts'
import { proposals } from './memory-schema.ts'
import { afterMs, now } from './time.ts'

const livesMs = 10 * 60_000

/** Also those that are over, as long as they are there. */
export async function readProposals(
  context: StoreContext,
  person: ParticipantId,
): Promise<KeptData['asked']> {
  const rows = await run(context, (db) => db.select().from(proposals).where(eq(proposals.ownerId, person)))
  const texts = await context.vault.openTexts(
    rows.map(({ roomId: room, content }) => ({
      place: place(person, { id: roomId(room) }),
      sealed: content,
    })),
    context.signal,
  )
  return rows.flatMap(({ roomId: room, expiresAt: until }, index) => {
    const text = texts[index]
    return text === undefined ? [] : [{ room: roomId(room), until, about: JSON.parse(text) as MemoryRefs }]
  })
}

const place = (person: ParticipantId, room: Pick<RoomKey, 'id'>): Place => ({
  table: 'proposals',
  column: 'content',
  row: `${person} ${room.id}`,
})

/** `Forgetting.propose`. */
export async function propose(
  context: StoreContext,
  person: ParticipantId,
  room: Pick<RoomKey, 'id'>,
  proposal: MemoryRefs,
): Promise<void> {
  const owner = factOwner(person)
  using sealer = await context.vault.prepare([owner], context.signal)
  const content = sealer.seal(owner, place(person, room), JSON.stringify(proposal))
  const row = { content, expiresAt: afterMs(livesMs) }
  await run(context, (db) =>
    db
      .insert(proposals)
      .values({ ownerId: person, roomId: room.id, ...row })
      .onConflictDoUpdate({ target: [proposals.ownerId, proposals.roomId], set: row }),
  )
}

/** What is proposed, with the bytes by which it is known when it is taken. */
export interface Proposal {
  readonly refs: MemoryRefs
  readonly sealed: Uint8Array
}

/** Opened before a transaction begins: a key may have to be read. */
export async function readProposal(
  context: StoreContext,
  person: ParticipantId,
  room: Pick<RoomKey, 'id'>,
): Promise<Proposal | undefined> {
  const [row] = await run(context, (db) =>
    db
      .select({ sealed: proposals.content })
      .from(proposals)
      .where(and(inRoom(person, room), gte(proposals.expiresAt, now))),
  )
  if (row === undefined) return undefined
  const { sealed } = row
  const text = await context.vault.openText({ place: place(person, room), sealed }, context.signal)
  return { refs: JSON.parse(text) as MemoryRefs, sealed }
}

/** `false` where it was taken already, or another one has come in its place. */
export async function takeProposal(
  transaction: Drizzle,
  person: ParticipantId,
  room: Pick<RoomKey, 'id'>,
  { sealed }: Proposal,
): Promise<boolean> {
  const taken = await transaction
    .delete(proposals)
    .where(and(inRoom(person, room), eq(proposals.content, sealed)))
    .returning({ owner: proposals.ownerId })
  return taken.length > 0
}

const inRoom = (person: ParticipantId, room: Pick<RoomKey, 'id'>) =>
  and(eq(proposals.ownerId, person), eq(proposals.roomId, room.id))
