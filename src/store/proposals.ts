import type { RoomKey } from '../core/conversation.ts'
import type { ParticipantId } from '../core/ids.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, sql } from './drizzle.ts'
import { factOwner } from './fact-rows.ts'
import { proposals } from './memory-schema.ts'
import { afterMs, now } from './time.ts'

const livesMs = 10 * 60_000

const place = (person: ParticipantId, room: RoomKey): Place => ({
  table: 'proposals',
  column: 'content',
  row: `${person} ${room.id}`,
})

/** `OwnMemory.propose`. */
export async function propose(
  context: StoreContext,
  person: ParticipantId,
  room: RoomKey,
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

/** `OwnMemory.takeProposal`. */
export async function takeProposal(
  context: StoreContext,
  person: ParticipantId,
  room: RoomKey,
): Promise<MemoryRefs | undefined> {
  const [row] = await run(context, (db) =>
    db
      .delete(proposals)
      .where(and(eq(proposals.ownerId, person), eq(proposals.roomId, room.id)))
      .returning({ content: proposals.content, over: sql<boolean>`${proposals.expiresAt} < ${now}` }),
  )
  if (row === undefined || row.over) return undefined
  const text = await context.vault.openText(
    { place: place(person, room), sealed: row.content },
    context.signal,
  )
  return JSON.parse(text) as MemoryRefs
}
