import type { ParticipantId, PersonaId } from '../core/ids.ts'
import type { KeptData } from '../core/people.ts'
import { run, type StoreContext } from './context.ts'
import { eq } from './drizzle.ts'
import { readIdentities } from './identities.ts'
import { readKeptFacts } from './kept-facts.ts'
import { readMedia } from './kept-media.ts'
import { readRooms } from './kept-rooms.ts'
import { openTerms } from './knock-place.ts'
import { readProposals } from './proposals.ts'
import { participants } from './schema.ts'
import { readSelves } from './self-descriptions.ts'

/** `KeptPeople.read`: somebody's years are read into memory as a whole. */
export async function readKept(
  context: StoreContext,
  person: ParticipantId,
  personas: readonly PersonaId[],
): Promise<KeptData | undefined> {
  // From here on they are known by their lookups.
  for (const persona of personas) context.directory.blindPersona(persona)
  const [row] = await run(context, (db) => db.select().from(participants).where(eq(participants.id, person)))
  if (row === undefined) return undefined
  const { createdAt: since, remembering, shared, terms } = row
  const media = await readMedia(context, person)
  const [identities, rooms, facts, asked, selves] = await Promise.all([
    readIdentities(context, person),
    readRooms(
      context,
      person,
      Map.groupBy(media, ({ message }) => message),
    ),
    readKeptFacts(context, person),
    readProposals(context, person),
    readSelves(context, person),
  ])
  return {
    since,
    remembering,
    shared,
    identities,
    letIn: [],
    rooms,
    facts,
    asked,
    terms: terms === null ? undefined : await openTerms(context, person, terms),
    selves,
    media: media.map(({ message: _, ...file }) => file),
  }
}
