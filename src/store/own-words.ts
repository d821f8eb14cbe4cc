import type { SQL } from 'drizzle-orm'
import { ownerId, type ParticipantId } from '../core/ids.ts'
import type { SourceMessage } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { and, desc, eq, isNotNull, lt } from './drizzle.ts'
import { messages } from './schema.ts'
import { openTalk, talkColumns } from './talk.ts'

/** Opened at once, in some 20 ms. */
const pageMost = 2_000

/** `Forgetting.findSaid`. What is sealed can only be looked through: 100,000 messages take about a second. */
export async function findSaid(
  context: StoreContext,
  person: ParticipantId,
  isMeant: (text: string) => boolean,
  most: number,
): Promise<readonly SourceMessage[]> {
  // One after the other, since each has an index of its own.
  const theirs = await findAmong(context, eq(messages.participantId, person), isMeant, most)
  const toThem = and(eq(messages.ownerId, person), eq(messages.author, 'persona'))
  const told = await findAmong(context, toThem, isMeant, most)
  return [...theirs, ...told].toSorted((a, b) => a.saidAt.getTime() - b.saidAt.getTime()).slice(-most)
}

/** The newest first. */
async function findAmong(
  context: StoreContext,
  among: SQL | undefined,
  isMeant: (text: string) => boolean,
  most: number,
): Promise<readonly SourceMessage[]> {
  const found: SourceMessage[] = []
  let before: string | undefined
  while (found.length < most) {
    context.signal.throwIfAborted()
    const older = before === undefined ? undefined : lt(messages.id, before)
    const rows = await run(context, (db) =>
      db
        .select({ ...talkColumns, owner: messages.ownerId })
        .from(messages)
        .where(and(among, isNotNull(messages.content), older))
        .orderBy(desc(messages.id))
        .limit(pageMost),
    )
    const owners = new Map(rows.map(({ id, owner }) => [id, ownerId(owner)]))
    for (const message of await openTalk(context, rows)) {
      const owner = owners.get(message.id)
      if (owner !== undefined && isMeant(message.text)) found.push({ ...message, owner })
    }
    if (rows.length < pageMost) break
    before = rows.at(-1)?.id
  }
  return found.slice(0, most)
}
