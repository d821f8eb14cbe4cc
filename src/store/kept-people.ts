import { type ParticipantId, roomId } from '../core/ids.ts'
import type { KeptPeople } from '../core/people.ts'
import { type StoreContext, transact } from './context.ts'
import { erase } from './erase.ts'
import { findIdentity, listPeople, readIdentities } from './identities.ts'
import { countKept } from './kept-counts.ts'
import { readKept } from './kept-data.ts'
import { propose, readProposal, takeProposal } from './proposals.ts'

/** Erasure concerns no room: what they are asked has their own id in its place, which no room has. */
const nowhere = (person: ParticipantId) => ({ id: roomId(person) })
const everything = { facts: [], messages: [] }

export function createKeptPeople(context: StoreContext): KeptPeople {
  return {
    list: () => listPeople(context),
    find: (platform, person) => findIdentity(context, platform, person),
    count: (person) => countKept(context, person),
    identities: (person) => readIdentities(context, person),
    read: (person, personas) => readKept(context, person, personas),
    proposeErasure: (person) => propose(context, person, nowhere(person), everything),
    async takeErasure(person) {
      const proposal = await readProposal(context, person, nowhere(person))
      if (proposal === undefined) return false
      return await transact(context, (transaction) =>
        takeProposal(transaction, person, nowhere(person), proposal),
      )
    },
    erase: (person, records = []) => erase(context, person, records),
  }
}
