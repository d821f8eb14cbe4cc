import type { Room, RoomKey } from '../core/conversation.ts'
import { type PersonaId, participantId } from '../core/ids.ts'
import type { HeardPlace, KnockPlace, Terms } from '../core/knock.ts'
import { run, type StoreContext } from './context.ts'
import { and, eq } from './drizzle.ts'
import { goneError } from './errors.ts'
import { readTerms, termsPlace } from './knock-rows.ts'
import { participants, personaRooms } from './schema.ts'

/** What somebody has set; sealed with their key. */
export async function openTerms(
  { vault, signal }: StoreContext,
  person: string,
  sealed: Uint8Array | null,
): Promise<Terms> {
  return readTerms(
    sealed === null ? undefined : await vault.openText({ place: termsPlace(person), sealed }, signal),
  )
}

/** `KnockBook.read`. */
export async function readPlace(context: StoreContext, room: Room, persona: PersonaId): Promise<HeardPlace> {
  const { directory } = context
  const person = participantId(room.owner)
  const [row] = await run(context, (db) =>
    db
      .select({ terms: participants.terms, on: personaRooms.unprompted })
      .from(participants)
      .leftJoin(
        personaRooms,
        and(
          eq(personaRooms.ownerId, participants.id),
          eq(personaRooms.roomId, room.id),
          eq(personaRooms.persona, directory.blindPersona(persona)),
        ),
      )
      .where(eq(participants.id, person)),
  )
  if (row === undefined) throw goneError()
  const terms = await openTerms(context, person, row.terms)
  return { person, room, persona, on: row.on === true, terms }
}

/** `KnockBook.readOn`. */
export async function readOn(
  context: StoreContext,
  { owner, id }: Pick<RoomKey, 'owner' | 'id'>,
): Promise<readonly KnockPlace[]> {
  const { directory } = context
  const rows = await run(context, (db) =>
    db
      .select({ persona: personaRooms.persona, terms: participants.terms })
      .from(personaRooms)
      .innerJoin(participants, eq(participants.id, personaRooms.ownerId))
      .where(
        and(eq(personaRooms.ownerId, owner), eq(personaRooms.roomId, id), eq(personaRooms.unprompted, true)),
      ),
  )
  const places = rows.map(async ({ persona: blind, terms }): Promise<readonly KnockPlace[]> => {
    const persona = directory.personaBehind(blind)
    if (persona === undefined) return []
    const room: RoomKey = { owner, id, kind: 'direct' }
    return [
      {
        person: participantId(owner),
        room,
        persona,
        on: true,
        terms: await openTerms(context, owner, terms),
      },
    ]
  })
  return (await Promise.all(places)).flat()
}
