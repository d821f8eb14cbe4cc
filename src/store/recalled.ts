import type { RoomKey } from '../core/conversation.ts'
import type { ParticipantId } from '../core/ids.ts'
import type { MemoryRefs, Recalled, TalkMessage } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, desc, eq, inArray, isNotNull } from './drizzle.ts'
import { openEpisodes } from './episodes.ts'
import { readFacts } from './fact-rows.ts'
import { episodes, months, recollections } from './memory-schema.ts'
import { recalledPlace } from './message-rows.ts'
import { openMonths } from './months.ts'
import { messages } from './schema.ts'
import { openTalk, talkColumns } from './talk.ts'

const nothing: Recalled = { facts: [], episodes: [], messages: [] }

/** `OwnMemory.readRecalled`. */
export async function readRecalled(
  context: StoreContext,
  person: ParticipantId,
  room: RoomKey,
): Promise<Recalled> {
  const [last] = await run(context, (db) =>
    db
      .select({ id: messages.id, recalled: messages.recalled })
      .from(messages)
      .where(
        and(
          eq(messages.ownerId, room.owner),
          eq(messages.roomId, room.id),
          eq(messages.author, 'persona'),
          eq(messages.chosen, true),
          isNotNull(messages.content),
        ),
      )
      .orderBy(desc(messages.anchor), desc(messages.position))
      .limit(1),
  )
  if (last === undefined) return nothing
  const happened = await readHappened(context, room, last.id)
  if (last.recalled === null) return { ...nothing, episodes: happened }
  const item = { place: recalledPlace(last.id), sealed: last.recalled }
  const refs = JSON.parse(await context.vault.openText(item, context.signal)) as MemoryRefs
  const [known, said] = await Promise.all([readFacts(context, [person]), readSaid(context, refs)])
  return {
    facts: (known.get(person) ?? []).filter(({ id }) => refs.facts.includes(id)),
    episodes: happened,
    messages: await openTalk(context, said),
  }
}

/** The episodes and months that a reply was made with, in their order. */
async function readHappened(context: StoreContext, room: RoomKey, reply: string) {
  const ofReply = (table: typeof episodes | typeof months) =>
    and(
      eq(table.ownerId, recollections.sourceOwnerId),
      eq(table.id, recollections.sourceId),
      eq(recollections.ownerId, room.owner),
      eq(recollections.replyId, reply),
    )
  const [stretches, whole] = await Promise.all([
    run(context, (db) => db.select().from(episodes).innerJoin(recollections, ofReply(episodes))),
    run(context, (db) => db.select().from(months).innerJoin(recollections, ofReply(months))),
  ])
  const told = await Promise.all([
    openMonths(
      context,
      whole.map((row) => row.months),
    ),
    openEpisodes(
      context,
      stretches.map((row) => row.episodes),
    ),
  ])
  return told.flat().toSorted((a, b) => a.begunAt.getTime() - b.begunAt.getTime())
}

/** Without what was taken away since then. */
async function readSaid(context: StoreContext, refs: MemoryRefs) {
  const owners = [...new Set(refs.messages.map(({ owner }) => owner))]
  const ids = refs.messages.map(({ id }) => id)
  if (ids.length === 0) return []
  return await run(context, (db) =>
    db
      .select(talkColumns)
      .from(messages)
      .where(and(inArray(messages.ownerId, owners), inArray(messages.id, ids), isNotNull(messages.content)))
      .orderBy(asc(messages.saidAt)),
  )
}

/** `HistoryReader.readMessages`. */
export async function readMessages(
  context: StoreContext,
  refs: MemoryRefs['messages'],
): Promise<readonly TalkMessage[]> {
  const said = await openTalk(context, await readSaid(context, { facts: [], messages: refs }))
  const byId = new Map(said.map((message) => [message.id, message]))
  return refs.flatMap(({ id }) => byId.get(id) ?? [])
}
