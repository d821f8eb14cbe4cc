import type { FactContent, KnownFact } from '../core/fact.ts'
import { factId, messageId, type ParticipantId } from '../core/ids.ts'
import type { Place } from '../vault/seal.ts'
import type { KeyOwner } from '../vault/vault.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq, inArray } from './drizzle.ts'
import { factSources, facts } from './memory-schema.ts'

export const factPlace = (row: string): Place => ({ table: 'facts', column: 'content', row })
/** A fact is its person's own, wherever it was said. */
export const factOwner = (person: ParticipantId): KeyOwner => ({ kind: 'participant', id: person })

/** `saidAt` as ISO 8601. Of what knows more, as a `KnownFact` does, no more than this: ids and numbers have columns of their own. */
export function writeFact(fact: FactContent): string {
  const { statement, about, kind, quote, saidAt, validFrom, validTo, importance, sensitivity } = fact
  const content: FactContent = {
    statement,
    about,
    kind,
    quote,
    saidAt,
    validFrom,
    validTo,
    importance,
    sensitivity,
  }
  return JSON.stringify(content)
}

function readFact(text: string): FactContent {
  const content = JSON.parse(text) as Omit<FactContent, 'saidAt'> & { readonly saidAt: string }
  const { saidAt, validFrom, validTo } = content
  // JSON leaves out what is undefined.
  return { ...content, saidAt: new Date(saidAt), validFrom, validTo }
}

/** All that is known of these people, by their numbers; also what is not true any more. */
export async function readFacts(
  context: StoreContext,
  people: readonly ParticipantId[],
): Promise<ReadonlyMap<ParticipantId, readonly KnownFact[]>> {
  if (people.length === 0) return new Map()
  const rows = await run(context, (db) =>
    db
      .select({ fact: facts, source: factSources.messageId })
      .from(facts)
      .leftJoin(factSources, and(eq(factSources.ownerId, facts.ownerId), eq(factSources.factId, facts.id)))
      .where(inArray(facts.ownerId, [...people]))
      .orderBy(asc(facts.number)),
  )
  const byFact = [...Map.groupBy(rows, ({ fact }) => fact.id).values()]
  const heads = byFact.flatMap(([row]) => (row === undefined ? [] : [row.fact]))
  const texts = await context.vault.openTexts(
    heads.map(({ id, content }) => ({ place: factPlace(id), sealed: content })),
    context.signal,
  )
  const known = heads.flatMap((fact, index) => {
    const text = texts[index]
    if (text === undefined) return []
    const sources = byFact[index]?.flatMap(({ source }) => (source === null ? [] : [messageId(source)])) ?? []
    const { id, number, pinned, supersededBy } = fact
    const read = {
      ...readFact(text),
      id: factId(id),
      number,
      pinned,
      superseded: supersededBy !== null,
      sources,
    }
    return [{ owner: fact.ownerId, fact: read }]
  })
  return new Map(
    people.map((person) => [person, known.filter(({ owner }) => owner === person).map(({ fact }) => fact)]),
  )
}
