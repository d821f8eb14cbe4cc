import { type FactId, factId, messageId, type ParticipantId, participantId } from '../core/ids.ts'
import type { MemoryTask, NewTalk } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, lt, lte } from './drizzle.ts'
import { readFacts } from './fact-rows.ts'
import { factSources } from './memory-schema.ts'
import { messages, participants } from './schema.ts'
import { openTalk, talkColumns } from './talk.ts'

/** Said before: "yes" means nothing without what was asked. */
const beforeMost = 4
/** An edit of long ago is a stretch of its own. */
const gapMost = 20

/** `MemoryTasks.readNew`. */
export async function readNew(context: StoreContext, task: MemoryTask, most: number): Promise<NewTalk> {
  const said = and(
    eq(messages.ownerId, task.owner),
    eq(messages.roomId, task.room),
    eq(messages.chosen, true),
    eq(messages.passing, false),
    isNotNull(messages.content),
    // It would break what is around it too.
    isNull(messages.passedOver),
  )
  const found = await run(context, (db) =>
    db
      .select({ id: messages.id, position: messages.position })
      .from(messages)
      .where(
        and(eq(messages.ownerId, task.owner), eq(messages.roomId, task.room), eq(messages.remember, true)),
      )
      .orderBy(asc(messages.position))
      .limit(most),
  )
  const end = found.findIndex(
    ({ position }, index) => position - (found[index - 1]?.position ?? position) > gapMost,
  )
  const flagged = end < 0 ? found : found.slice(0, end)
  const fresh = new Set(flagged.map(({ id }) => messageId(id)))
  const [from, to] = [flagged.at(0)?.position, flagged.at(-1)?.position]
  if (from === undefined || to === undefined)
    return { before: [], messages: [], fresh, facts: new Map(), here: new Set(), unwilling: new Set() }
  const order = [asc(messages.anchor), asc(messages.position)] as const
  const [rows, earlier] = await Promise.all([
    run(context, (db) =>
      db
        .select(talkColumns)
        .from(messages)
        // With the replies to them, also to the last one.
        .where(and(said, gte(messages.anchor, from), lte(messages.anchor, to)))
        .orderBy(...order),
    ),
    run(context, (db) =>
      db
        .select(talkColumns)
        .from(messages)
        .where(and(said, lt(messages.anchor, from)))
        .orderBy(desc(messages.anchor), desc(messages.position))
        .limit(beforeMost),
    ),
  ])
  const [before, talk] = await Promise.all([openTalk(context, earlier.reverse()), openTalk(context, rows)])
  const people = [
    ...new Set(rows.flatMap(({ participantId: id }) => (id === null ? [] : [participantId(id)]))),
  ]
  const [facts, here, unwilling] = await Promise.all([
    readFacts(context, people),
    readHere(context, task, people),
    readUnwilling(context, people),
  ])
  return { before, messages: talk, fresh, facts, here, unwilling }
}

async function readHere(
  context: StoreContext,
  task: MemoryTask,
  people: readonly ParticipantId[],
): Promise<ReadonlySet<FactId>> {
  if (people.length === 0) return new Set()
  const rows = await run(context, (db) =>
    db
      .selectDistinct({ id: factSources.factId })
      .from(factSources)
      .innerJoin(
        messages,
        and(eq(messages.ownerId, factSources.messageOwnerId), eq(messages.id, factSources.messageId)),
      )
      .where(
        and(
          inArray(factSources.ownerId, [...people]),
          eq(messages.ownerId, task.owner),
          eq(messages.roomId, task.room),
        ),
      ),
  )
  return new Set(rows.map(({ id }) => factId(id)))
}

async function readUnwilling(
  context: StoreContext,
  people: readonly ParticipantId[],
): Promise<ReadonlySet<ParticipantId>> {
  if (people.length === 0) return new Set()
  const rows = await run(context, (db) =>
    db
      .select({ id: participants.id })
      .from(participants)
      .where(and(inArray(participants.id, [...people]), eq(participants.remembering, false))),
  )
  return new Set(rows.map(({ id }) => participantId(id)))
}
