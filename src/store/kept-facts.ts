import { factId, type ParticipantId } from '../core/ids.ts'
import type { KeptFact } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { eq } from './drizzle.ts'
import { readFacts } from './fact-rows.ts'
import { facts } from './memory-schema.ts'

export async function readKeptFacts(
  context: StoreContext,
  person: ParticipantId,
): Promise<readonly KeptFact[]> {
  const [known, rows] = await Promise.all([
    readFacts(context, [person]),
    run(context, (db) => db.select().from(facts).where(eq(facts.ownerId, person))),
  ])
  const byId = new Map(rows.map((row) => [row.id, row]))
  return (known.get(person) ?? []).flatMap((fact) => {
    const row = byId.get(fact.id)
    if (row === undefined) return []
    const { createdAt: since, toldTo, supersededBy } = row
    return [
      {
        ...fact,
        since,
        toldTo: toldTo === null ? undefined : (context.directory.personaBehind(toldTo) ?? 'somebody'),
        supersededBy: supersededBy === null ? undefined : factId(supersededBy),
      },
    ]
  })
}
