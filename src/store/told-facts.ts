import type { KnownFact } from '../core/fact.ts'
import type { ParticipantId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { FactReader } from '../core/memory.ts'
import type { Slice } from '../core/recall.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq, inArray } from './drizzle.ts'
import { readEpisodesWithin } from './episodes.ts'
import { readFacts } from './fact-rows.ts'
import { factSources, messages, participants } from './schema.ts'

/** Facts of all people together that are kept opened. */
const factsKept = 50_000

interface Place {
  readonly room: string
  readonly position: number
}

/** Somebody's facts, and where each was said. */
interface Known {
  readonly version: number
  readonly facts: readonly KnownFact[]
  readonly places: ReadonlyMap<string, readonly Place[]>
}

/** What was opened stays so until the person's facts have changed: each reply asks whether they have. */
export function createFactReader(context: StoreContext): FactReader {
  const kept = new LruMap<ParticipantId, Known>(factsKept, ({ facts }) => facts.length + 1)

  async function readVersions(people: readonly ParticipantId[]): Promise<ReadonlyMap<string, number>> {
    const rows = await run(context, (db) =>
      db
        .select({ id: participants.id, version: participants.factsVersion })
        .from(participants)
        .where(inArray(participants.id, [...people])),
    )
    return new Map(rows.map(({ id, version }) => [id, version]))
  }

  async function read(person: ParticipantId, version: number): Promise<Known> {
    const known = kept.get(person)
    if (known?.version === version) return known
    const [facts, rows] = await Promise.all([
      readFacts(context, [person]),
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
    const places = Map.groupBy(rows, ({ fact }) => fact)
    const made: Known = { version, facts: facts.get(person) ?? [], places }
    kept.set(person, made)
    return made
  }

  return {
    async readTold(people, audience, alone) {
      if (people.length === 0) return []
      const versions = await readVersions(people)
      const all = await Promise.all(people.map((person) => read(person, versions.get(person) ?? 0)))
      return all.flatMap(({ facts, places }) =>
        facts.filter(({ id, superseded }) => {
          const said = places.get(id)
          return !superseded && (said === undefined ? alone : said.some((place) => stands(place, audience)))
        }),
      )
    },
    readEpisodes: (audience, time, most) => readEpisodesWithin(context, audience, time, most),
  }
}

const stands = ({ room, position }: Place, audience: readonly Slice[]) =>
  audience.some((slice) => slice.room === room && position >= slice.from && position <= slice.to)
