import type { Participant } from '../core/conversation.ts'
import type { SenderReference } from '../core/events.ts'
import { newUuid, type ParticipantId, participantId } from '../core/ids.ts'
import { LruMap } from '../core/lru-map.ts'
import type { Doorway } from '../core/store.ts'
import { cleanName } from '../core/text.ts'
import type { Vault } from '../vault/vault.ts'
import { base64 } from './blind-names.ts'
import type { Database } from './database.ts'
import type { Directory } from './directory.ts'
import { and, eq } from './drizzle.ts'
import { guarded } from './errors.ts'
import { identityPlace as place } from './identities.ts'
import { identities, participants } from './schema.ts'

/** An id changes when its person is erased alone, so what was found is kept: 10,000 people take about 3 MB. */
const kept = 10_000

/** Participants, by the identities under which the platforms know them. */
export function createPeople(
  database: Database,
  vault: Vault,
  signal: AbortSignal,
): Pick<Directory, 'participant' | 'findParticipant' | 'displayNames' | 'clear'> {
  const byLookup = new LruMap<string, Participant>(kept)
  const nameOf = new LruMap<ParticipantId, string>(kept)
  const query = <T>(work: () => Promise<T>) => guarded(database.where, work)
  const db = database.drizzle

  async function find(lookup: Uint8Array): Promise<Participant | undefined> {
    const [row] = await query(() => db.select().from(identities).where(eq(identities.lookup, lookup)))
    if (row === undefined) return undefined
    const item = { place: place('display_name', row.id), sealed: row.displayName }
    return { id: participantId(row.participantId), displayName: await vault.openText(item, signal) }
  }

  async function make(doorway: Doorway, sender: SenderReference, lookup: Uint8Array): Promise<Participant> {
    const participant = participantId(newUuid())
    const id = newUuid()
    const owner = { kind: 'participant', id: participant } as const
    using sealer = await vault.prepare([owner], signal)
    const displayName = cleanName(sender.displayName)
    await query(() =>
      db.transaction(async (transaction) => {
        await transaction.insert(participants).values({ id: participant })
        const inserted = await transaction
          .insert(identities)
          .values({
            participantId: participant,
            id,
            platform: doorway.platform,
            lookup,
            externalId: sealer.seal(owner, place('external_id', id), sender.externalId),
            displayName: sealer.seal(owner, place('display_name', id), displayName),
          })
          .onConflictDoNothing({ target: identities.lookup })
          .returning({ id: identities.id })
        // Another process was quicker: its rows stand, ours are taken back.
        if (inserted.length === 0)
          await transaction.delete(participants).where(eq(participants.id, participant))
      }),
    )
    return (await find(lookup)) ?? { id: participant, displayName }
  }

  async function rename(
    participant: Participant,
    lookup: Uint8Array,
    displayName: string,
  ): Promise<Participant> {
    const owner = { kind: 'participant', id: participant.id } as const
    using sealer = await vault.prepare([owner], signal)
    const [row] = await query(() =>
      db.select({ id: identities.id }).from(identities).where(eq(identities.lookup, lookup)),
    )
    if (row === undefined) return participant
    const sealed = sealer.seal(owner, place('display_name', row.id), displayName)
    await query(() =>
      db
        .update(identities)
        .set({ displayName: sealed })
        .where(and(eq(identities.participantId, participant.id), eq(identities.id, row.id))),
    )
    return { ...participant, displayName }
  }

  async function readName(id: ParticipantId): Promise<string> {
    const [row] = await query(() =>
      db.select().from(identities).where(eq(identities.participantId, id)).limit(1),
    )
    if (row === undefined) return cleanName('')
    return await vault.openText({ place: place('display_name', row.id), sealed: row.displayName }, signal)
  }

  const lookupOf = (
    { platform }: Pick<Doorway, 'platform'>,
    { externalId }: Pick<SenderReference, 'externalId'>,
  ) => vault.lookup({ kind: 'identity', platform, externalId })

  return {
    clear() {
      byLookup.clear()
      nameOf.clear()
    },

    async findParticipant(doorway, sender) {
      const lookup = lookupOf(doorway, sender)
      return byLookup.get(base64(lookup)) ?? (await find(lookup))
    },

    async participant(doorway, sender) {
      const lookup = lookupOf(doorway, sender)
      const key = base64(lookup)
      const known = byLookup.get(key) ?? (await find(lookup)) ?? (await make(doorway, sender, lookup))
      const displayName = cleanName(sender.displayName)
      const participant = known.displayName === displayName ? known : await rename(known, lookup, displayName)
      byLookup.set(key, participant)
      nameOf.set(participant.id, participant.displayName)
      return participant
    },

    async displayNames(ids) {
      const names = new Map<ParticipantId, string>()
      for (const id of new Set(ids)) {
        const name = nameOf.get(id) ?? (await readName(id))
        nameOf.set(id, name)
        names.set(id, name)
      }
      return names
    },
  }
}
