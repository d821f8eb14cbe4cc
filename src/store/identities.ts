import type { Platform } from '../core/conversation.ts'
import { type ExternalId, externalId, type ParticipantId, participantId } from '../core/ids.ts'
import type { Identity } from '../core/people.ts'
import type { Place } from '../vault/seal.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq, sql } from './drizzle.ts'
import { dataKeys, identities, participants } from './schema.ts'

export const identityPlace = (column: 'external_id' | 'display_name', row: string): Place => ({
  table: 'identities',
  column,
  row,
})

/** `KeptPeople.list`. */
export async function listPeople(
  context: StoreContext,
): Promise<readonly { readonly id: ParticipantId; readonly readable: boolean }[]> {
  const rows = await run(context, (db) =>
    db
      .select({ id: participants.id, key: dataKeys.id })
      .from(participants)
      .leftJoin(
        dataKeys,
        and(eq(dataKeys.ownerKind, 'participant'), eq(dataKeys.ownerId, sql`${participants.id}::text`)),
      )
      .orderBy(asc(participants.createdAt), asc(participants.id)),
  )
  return rows.map(({ id, key }) => ({ id: participantId(id), readable: key !== null }))
}

/** `KeptPeople.find`. */
export async function findIdentity(
  context: StoreContext,
  platform: Platform,
  person: ExternalId,
): Promise<ParticipantId | undefined> {
  const lookup = context.vault.lookup({ kind: 'identity', platform, externalId: person })
  const [row] = await run(context, (db) =>
    db.select({ person: identities.participantId }).from(identities).where(eq(identities.lookup, lookup)),
  )
  return row && participantId(row.person)
}

/** `KeptPeople.identities`. */
export async function readIdentities(
  context: StoreContext,
  person: ParticipantId,
): Promise<readonly (Identity & { readonly since: Date })[]> {
  const rows = await run(context, (db) =>
    db
      .select()
      .from(identities)
      .where(eq(identities.participantId, person))
      .orderBy(asc(identities.createdAt), asc(identities.id)),
  )
  const opened = await context.vault.openTexts(
    rows.flatMap(({ id, externalId, displayName }) => [
      { place: identityPlace('external_id', id), sealed: externalId },
      { place: identityPlace('display_name', id), sealed: displayName },
    ]),
    context.signal,
  )
  return rows.flatMap(({ platform, createdAt: since }, index) => {
    const [external, displayName] = [opened[2 * index], opened[2 * index + 1]]
    if (external === undefined || displayName === undefined) return []
    return [{ platform: platform as Platform, externalId: externalId(external), displayName, since }]
  })
}
