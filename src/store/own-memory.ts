import { factId, newUuid, ownerId, type ParticipantId } from '../core/ids.ts'
import type { OwnMemory, SourceMessage } from '../core/memory.ts'
import { run, type StoreContext } from './context.ts'
import { and, asc, eq, inArray, isNotNull, or } from './drizzle.ts'
import { factOwner, readFacts } from './fact-rows.ts'
import { forget } from './forget.ts'
import { changeFacts } from './keep-facts.ts'
import { factSources, facts } from './memory-schema.ts'
import { findSaid } from './own-words.ts'
import { propose, readProposal, takeProposal } from './proposals.ts'
import { readRecalled } from './recalled.ts'
import { readTold, withReceipt } from './receipts.ts'
import { recollectEarlier } from './recollect-earlier.ts'
import { messages, participants } from './schema.ts'
import { openTalk, talkColumns } from './talk.ts'

export function createOwnMemory(context: StoreContext): OwnMemory {
  const { directory, vault, signal } = context

  async function readSources(
    person: ParticipantId,
    ids: readonly string[],
  ): Promise<readonly SourceMessage[]> {
    if (ids.length === 0) return []
    const rows = await run(context, (db) =>
      db
        .selectDistinct({ ...talkColumns, owner: messages.ownerId })
        .from(factSources)
        .innerJoin(
          messages,
          and(eq(messages.ownerId, factSources.messageOwnerId), eq(messages.id, factSources.messageId)),
        )
        .where(
          and(
            eq(factSources.ownerId, person),
            inArray(factSources.factId, [...ids]),
            or(
              eq(messages.participantId, person),
              and(eq(messages.ownerId, person), eq(messages.author, 'persona')),
            ),
            isNotNull(messages.content),
          ),
        )
        .orderBy(asc(messages.saidAt)),
    )
    const owners = new Map(rows.map(({ id, owner }) => [id, ownerId(owner)]))
    const talk = await openTalk(context, rows)
    return talk.flatMap((message) => {
      const owner = owners.get(message.id)
      return owner === undefined ? [] : [{ ...message, owner }]
    })
  }

  return {
    async find(doorway, where) {
      const person = await directory.findParticipant(doorway, where.sender)
      const room = await directory.findRoom(doorway, where.room)
      return person && room && { person: person.id, room }
    },
    async readFacts(person) {
      return (await readFacts(context, [person])).get(person) ?? []
    },
    async readWishes(person) {
      const { remembering, shared } = participants
      const [row] = await run(context, (db) =>
        db.select({ remembering, shared }).from(participants).where(eq(participants.id, person)),
      )
      return row ?? { remembering: false, shared: false }
    },
    async setWishes(person, wishes, receipt) {
      await withReceipt(context, receipt, async (transaction) => {
        await transaction.update(participants).set(wishes).where(eq(participants.id, person))
      })
    },
    readTold: (receipt) => readTold(context, receipt),
    async add(person, content, supersedes, toldTo, receipt) {
      using sealer = await vault.prepare([factOwner(person)], signal)
      return await withReceipt(context, receipt, (transaction) =>
        changeFacts(context, transaction, sealer, person, ownerId(person), [
          { kind: 'add', id: factId(newUuid()), content, sources: [], supersedes, toldTo },
        ]),
      )
    },
    async setPinned(person, fact, pinned, receipt) {
      await withReceipt(context, receipt, async (transaction) => {
        await transaction
          .update(facts)
          .set({ pinned })
          .where(and(eq(facts.ownerId, person), eq(facts.id, fact)))
      })
    },
    readRecalled: (person, room) => readRecalled(context, person, room),
    readSources,
    findSaid: (person, isMeant, most) => findSaid(context, person, isMeant, most),
    propose: (person, room, proposal) => propose(context, person, room, proposal),
    async forgetProposed(person, room, receipt) {
      const proposal = await readProposal(context, person, room)
      if (proposal !== undefined) await recollectEarlier(context)
      const forgotten = await withReceipt(context, receipt, async (transaction) => {
        if (proposal === undefined || !(await takeProposal(transaction, person, room, proposal))) return false
        await forget(context, transaction, person, proposal.refs)
        return true
      })
      if (proposal !== undefined && forgotten)
        context.announcer.tellForgotten(
          new Set([ownerId(person), ...proposal.refs.messages.map(({ owner }) => owner)]),
        )
      return forgotten
    },
  }
}
