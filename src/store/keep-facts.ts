import type { FactChange } from '../core/fact.ts'
import type { FactId, MessageId, OwnerId, ParticipantId } from '../core/ids.ts'
import type { MemoryTask, PersonChanges } from '../core/memory.ts'
import type { Sealer } from '../vault/vault.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq, inArray, isNull, sql } from './drizzle.ts'
import { factOwner, factPlace, writeFact } from './fact-rows.ts'
import { keep } from './keep.ts'
import { knocks } from './knock-schema.ts'
import { factSources, facts } from './memory-schema.ts'
import { messages, participants } from './schema.ts'

/** `MemoryTasks.keepFacts`. */
export async function keepFacts(
  context: StoreContext,
  task: MemoryTask,
  made: readonly MessageId[],
  people: readonly PersonChanges[],
  passedOver: string | undefined,
): Promise<boolean> {
  const changing = people.filter(({ changes }) => changes.length > 0)
  using sealer = await context.vault.prepare(
    changing.map(({ person }) => factOwner(person)),
    context.signal,
  )
  return await keep(context, task, async (transaction) => {
    // Always in the same order: two rooms that the same people talk in may be remembered at once.
    for (const { person, changes } of changing.toSorted((a, b) => (a.person < b.person ? -1 : 1)))
      await changeFacts(context, transaction, sealer, person, task.owner, changes)
    if (made.length > 0)
      await transaction
        .update(messages)
        .set({ remember: false, passedOver: passedOver ?? null })
        .where(and(eq(messages.ownerId, task.owner), inArray(messages.id, [...made])))
  })
}

/**
 * `messageOwner`: of the room that the sources stand in. Locks the person. The number of the last fact; undefined,
 * and nothing is changed, where they do not want anything to be remembered.
 */
export async function changeFacts(
  { directory }: StoreContext,
  transaction: Drizzle,
  sealer: Sealer,
  person: ParticipantId,
  messageOwner: OwnerId,
  changes: readonly FactChange[],
): Promise<number | undefined> {
  const added = changes.filter(({ kind }) => kind === 'add').length
  const [row] = await transaction
    .update(participants)
    .set({
      factsVersion: sql`${participants.factsVersion} + 1`,
      lastFact: sql`${participants.lastFact} + ${added}`,
    })
    .where(and(eq(participants.id, person), eq(participants.remembering, true)))
    .returning({ lastFact: participants.lastFact })
  // They have paused it meanwhile.
  if (row === undefined) return undefined
  let number = row.lastFact - added
  const attach = async (fact: FactId, sources: readonly MessageId[]) => {
    if (sources.length === 0) return
    const rows = sources.map((source) => ({
      ownerId: person,
      factId: fact,
      messageOwnerId: messageOwner,
      messageId: source,
    }))
    await transaction.insert(factSources).values(rows).onConflictDoNothing()
  }
  for (const change of changes) {
    if (change.kind === 'source') {
      const [there] = await transaction
        .select({ id: facts.id })
        .from(facts)
        .where(and(eq(facts.ownerId, person), eq(facts.id, change.fact)))
      if (there !== undefined) await attach(change.fact, change.sources)
      continue
    }
    const { id } = change
    const supersedes = and(eq(facts.ownerId, person), inArray(facts.id, [...change.supersedes]))
    await transaction.insert(facts).values({
      ownerId: person,
      id,
      number: ++number,
      // What takes the place of something that is always in mind is so too.
      pinned: sql`exists (select 1 from ${facts} where ${supersedes} and ${facts.pinned})`,
      toldTo: change.toldTo === undefined ? null : directory.blindPersona(change.toldTo),
      content: sealer.seal(factOwner(person), factPlace(id), writeFact(change.content)),
    })
    await attach(id, change.sources)
    if (change.supersedes.length > 0) {
      await transaction.update(facts).set({ supersededBy: id }).where(supersedes)
      // What is not true any more is not asked after.
      await transaction
        .delete(knocks)
        .where(
          and(
            eq(knocks.ownerId, person),
            inArray(knocks.factId, [...change.supersedes]),
            isNull(knocks.turnId),
          ),
        )
    }
  }
  return row.lastFact
}
