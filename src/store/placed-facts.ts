import { type ParticipantId, participantId, personaId, roomId } from '../core/ids.ts'
import { type Aged, isDue, isTooOld } from '../core/kept-age.ts'
import { LruMap } from '../core/lru-map.ts'
import type { FactReader, PlacedFact } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, sql } from './drizzle.ts'
import { readEpisodesWithin } from './episodes.ts'
import { readFacts } from './fact-rows.ts'
import { factSources, facts as factsTable } from './memory-schema.ts'
import { messages } from './schema.ts'
import { statement, value } from './statement.ts'

/** Facts of all people together that are kept opened. */
const factsKept = 50_000

/** Somebody's facts as they were at this version. */
interface Known extends Aged {
  readonly version: number
  readonly facts: readonly PlacedFact[]
}

const versions = statement(
  'versions of facts',
  sql`select id, facts_version::float8 as version from participants where id = any(${value('people')}::uuid[])`,
)

/** What was opened stays so until the person's facts have changed: each reply asks whether they have. */
export function createFactReader(
  context: StoreContext,
): FactReader & { readonly sweep: (nowMs: number) => void } {
  const kept = new LruMap<ParticipantId, Known>(factsKept, ({ facts }) => facts.length + 1)
  context.announcer.onErased((person) => kept.delete(person))
  context.announcer.onForgotten((owners) => {
    for (const owner of owners) kept.delete(participantId(owner))
  })

  async function readVersions(people: readonly ParticipantId[]): Promise<ReadonlyMap<string, number>> {
    const rows = await context.database.statement(versions, { people }, { relaxed: true })
    const found = rows as unknown as readonly { readonly id: string; readonly version: number }[]
    return new Map(found.map(({ id, version }) => [id, version]))
  }

  async function read(person: ParticipantId, version: number): Promise<Known> {
    const known = kept.get(person)
    const readAtMs = performance.now()
    if (known?.version === version && !isTooOld(known, readAtMs)) return known
    const facts = await readFacts(context, [person])
    // After those: of a fact that has come meanwhile, it would not be known who may be told of it.
    const [told, rows] = await Promise.all([
      run(context, (db) =>
        db
          .select({ fact: factsTable.id, persona: factsTable.toldTo })
          .from(factsTable)
          .where(eq(factsTable.ownerId, person)),
      ),
      run(context, (db) =>
        db
          .select({ fact: factSources.factId, room: messages.roomId, position: messages.position })
          .from(factSources)
          .innerJoin(
            messages,
            and(eq(messages.ownerId, factSources.messageOwnerId), eq(messages.id, factSources.messageId)),
          )
          .where(eq(factSources.ownerId, person)),
      ),
    ])
    // A persona of which this process has never heard is none of those to whom it is told here.
    const personaOf = (blind: Uint8Array) => context.directory.personaBehind(blind) ?? personaId('somebody')
    const toldTo = new Map(
      told.map(({ fact, persona }) => [fact, persona === null ? undefined : personaOf(persona)]),
    )
    const places = Map.groupBy(rows, ({ fact }) => fact)
    const placed = (facts.get(person) ?? [])
      .filter(({ id }) => toldTo.has(id))
      .map((fact) => ({
        person,
        fact,
        toldTo: toldTo.get(fact.id),
        places: (places.get(fact.id) ?? []).map((place) => ({ ...place, room: roomId(place.room) })),
      }))
    const made: Known = { version, facts: placed, readAtMs }
    kept.set(person, made)
    return made
  }

  return {
    async readPlaced(people) {
      if (people.length === 0) return []
      const versions = await readVersions(people)
      const all = await Promise.all(people.map((person) => read(person, versions.get(person) ?? 0)))
      return all.flatMap(({ facts }) => facts)
    },
    readPlacedAt: async (person, version) => (await read(person, version)).facts,
    readEpisodes: (audience, time, inMonths, most) =>
      readEpisodesWithin(context, audience, time, inMonths, most),
    sweep: (nowMs) => kept.dropWhere((known) => isDue(known, nowMs)),
  }
}
