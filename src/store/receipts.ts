import type { Receipt } from '../core/memory.ts'
import { run, type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq } from './drizzle.ts'
import { messageLookup } from './message-rows.ts'
import { commands, rooms } from './schema.ts'

/** `OwnMemory.readTold`. */
export async function readTold(
  context: StoreContext,
  { room, command }: Pick<Receipt, 'room' | 'command'>,
): Promise<string | undefined> {
  const lookup = messageLookup(context, room, command)
  const [row] = await run(context, (db) =>
    db
      .select({ told: commands.outcome })
      .from(commands)
      .where(and(eq(commands.ownerId, room.owner), eq(commands.lookup, lookup))),
  )
  return row?.told
}

/**
 * One transaction, with the receipt for what it does. Throws `HearthError`: where another process does the same
 * command at the same moment, one that says to try again.
 */
export async function withReceipt<Outcome>(
  context: StoreContext,
  receipt: Receipt<Outcome> | undefined,
  work: (transaction: Drizzle) => Promise<Outcome>,
): Promise<Outcome> {
  return await transact(context, async (transaction) => {
    if (receipt === undefined) return await work(transaction)
    const { room, command, tell } = receipt
    // Whoever keeps facts locks a room and then a person; the receipt refers to the room.
    await transaction
      .select({ id: rooms.id })
      .from(rooms)
      .where(and(eq(rooms.ownerId, room.owner), eq(rooms.id, room.id)))
      .for('key share')
    const outcome = await work(transaction)
    await transaction.insert(commands).values({
      ownerId: room.owner,
      lookup: messageLookup(context, room, command),
      roomId: room.id,
      outcome: tell(outcome),
    })
    return outcome
  })
}
