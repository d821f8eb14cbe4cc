import { factId, messageId, ownerId, participantId, roomId } from '../core/ids.ts'
import type { DueKnock, KnockQueue } from '../core/knock.ts'
import type { KeyOwner } from '../vault/vault.ts'
import { asRead, beginKnock, maySpeak, notBusy, personaThere } from './begin-knock.ts'
import { base64 } from './blind-names.ts'
import { run, type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, asc, eq, inArray, isNull, lte } from './drizzle.ts'
import { openTerms } from './knock-place.ts'
import { knockPlace, readContent, readTerms, termsPlace, writeContent } from './knock-rows.ts'
import { knocks, waits } from './knock-schema.ts'
import { openEach } from './open-each.ts'
import { withdrawReply } from './reopen-turns.ts'
import { lockRoom } from './room-position.ts'
import { messages, participants, personaRooms, rooms, turns } from './schema.ts'

export function createKnockQueue(context: StoreContext): KnockQueue {
  const { directory, vault, signal } = context

  return {
    async due(accounts, personas, now, most) {
      if (accounts.length === 0 || personas.length === 0) return []
      const byBlind = new Map(accounts.map((account) => [base64(directory.blindAccount(account)), account]))
      const rows = await run(context, (db) =>
        db
          .select({
            knock: knocks,
            account: rooms.account,
            lookup: rooms.lookup,
            terms: participants.terms,
            manners: personaRooms.manners,
          })
          .from(knocks)
          .innerJoin(personaRooms, personaThere)
          .innerJoin(rooms, and(eq(rooms.ownerId, knocks.ownerId), eq(rooms.id, knocks.roomId)))
          .innerJoin(participants, eq(participants.id, knocks.ownerId))
          .where(
            and(
              waits,
              lte(knocks.dueAt, now),
              inArray(knocks.persona, personas.map(directory.blindPersona)),
              inArray(rooms.account, accounts.map(directory.blindAccount)),
              maySpeak,
              notBusy,
            ),
          )
          .orderBy(asc(knocks.dueAt))
          .limit(most),
      )
      const open = openEach(context)
      const found = rows.map(
        async ({ knock, account, lookup, terms: sealed, manners }): Promise<readonly DueKnock[]> => {
          const { id, kind, number, dueAt, ownerId: owner, roomId: room } = knock
          const heard = byBlind.get(base64(account))
          const persona = directory.personaBehind(knock.persona)
          if (heard === undefined || persona === undefined)
            throw new TypeError('a knock of nobody here is due')
          const [content, terms] = await open(
            [
              { place: knockPlace(id), sealed: knock.content },
              sealed && { place: termsPlace(owner), sealed },
            ],
            (item) => item,
          )
          // Its person was erased, and has come back with an old copy of the database.
          if (content === undefined) return []
          const known = { content: readContent(content), terms: readTerms(terms) }
          const place = await directory.readRoom(ownerId(owner), roomId(room), heard, lookup)
          return [{ id, kind, number, dueAt, ...known, room: place, persona, manners }]
        },
      )
      const opened = await Promise.allSettled(found)
      const failed = opened.find((each) => each.status === 'rejected')
      // One that cannot be opened must not hold up the others.
      if (failed !== undefined && opened.every(({ status }) => status === 'rejected')) throw failed.reason
      return opened.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    },

    begin: (knock, now, day, next) => beginKnock(context, knock, now, day, next),

    async putOff(knock, until, meant = knock.content.at) {
      if (until === undefined) {
        await run(context, (db) => db.delete(knocks).where(asRead(knock)))
        return
      }
      const owner: KeyOwner = { kind: 'participant', id: participantId(knock.room.owner) }
      using sealer = await vault.prepare([owner], signal)
      const content = sealer.seal(owner, knockPlace(knock.id), writeContent({ ...knock.content, at: meant }))
      await run(context, (db) => db.update(knocks).set({ dueAt: until, content }).where(asRead(knock)))
    },

    async read(turn) {
      const [row] = await run(context, (db) =>
        db
          .select({
            knock: knocks,
            on: personaRooms.unprompted,
            terms: participants.terms,
            version: messages.recallVersion,
          })
          .from(knocks)
          .innerJoin(personaRooms, personaThere)
          .innerJoin(participants, eq(participants.id, knocks.ownerId))
          .leftJoin(messages, and(eq(messages.ownerId, knocks.ownerId), eq(messages.id, knocks.messageId)))
          .where(
            and(eq(knocks.ownerId, turn.room.owner), eq(knocks.turnId, turn.id), eq(knocks.cancelled, false)),
          ),
      )
      if (row === undefined) return undefined
      const { id, kind, content: sealed, messageId: message, factId: fact } = row.knock
      const { owner } = turn.room
      const content = readContent(await vault.openText({ place: knockPlace(id), sealed }, signal))
      const said = message === null ? [] : [{ owner, id: messageId(message), version: row.version ?? 0 }]
      const known = fact === null ? [] : [{ owner, id: factId(fact), version: 0 }]
      return {
        kind,
        on: row.on,
        content,
        terms: await openTerms(context, owner, row.terms),
        refs: { facts: known.map((each) => each.id), messages: said.map((each) => ({ owner, id: each.id })) },
        recollections: [...said, ...known],
      }
    },

    async withdraw({ room, id }) {
      await transact(context, async (transaction) => {
        await lockRoom(transaction, room)
        const [turn] = await transaction
          .select()
          .from(turns)
          .where(and(eq(turns.ownerId, room.owner), eq(turns.id, id)))
          .for('update')
        if (turn !== undefined) await withdrawReply(context, transaction, room, turn)
      })
    },

    async silence({ room, persona }) {
      await transact(context, async (transaction) => {
        await lockRoom(transaction, room)
        await silenceIn(transaction, room, directory.blindPersona(persona))
      })
    },
  }
}

/** The persona does not write first there any more, and forgets what it meant to. The room is locked. */
export async function silenceIn(
  transaction: Drizzle,
  room: { readonly owner: string; readonly id: string },
  persona: Uint8Array,
): Promise<void> {
  await transaction
    .update(personaRooms)
    .set({ unprompted: false })
    .where(
      and(
        eq(personaRooms.ownerId, room.owner),
        eq(personaRooms.roomId, room.id),
        eq(personaRooms.persona, persona),
      ),
    )
  await transaction
    .delete(knocks)
    .where(
      and(
        eq(knocks.ownerId, room.owner),
        eq(knocks.roomId, room.id),
        eq(knocks.persona, persona),
        isNull(knocks.turnId),
      ),
    )
}
