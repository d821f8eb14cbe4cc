import type { Room } from '../core/conversation.ts'
import type { CommandOutcome, Doorway } from '../core/store.ts'
import type { StoreContext } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, desc, eq, inArray, or, sql } from './drizzle.ts'
import { announceTurn, type TurnRow, turnChange, turnsOf } from './pending-turns.ts'
import { chooseSwipe, hasQuestion, makeAnew, swipesOf, withdrawReply } from './reopen-turns.ts'
import { turns } from './schema.ts'
import { now } from './time.ts'

/*
 * The commands that concern turns. Each is part of a transaction that has locked the room: a message in
 * the same moment would open a second pending turn, and one of the two would be refused.
 */

export async function retryTurn(
  context: StoreContext,
  transaction: Drizzle,
  last: TurnRow | undefined,
): Promise<CommandOutcome> {
  if (last === undefined) return 'nothing-to-retry'
  if (last.state !== 'closed' && !isPutOff(last)) return last.state === 'answered' ? 'ending' : 'busy'
  if (!(await hasQuestion(transaction, last))) return 'nothing-to-retry'
  // Never the first swipe of a reply, so that what somebody asks for is told from what was said.
  await makeAnew(context, transaction, last, last.kind === 'greeting' ? 0 : 1)
  return 'retrying'
}

/** A worker had it and gave it back: its persona rests, or the model is away. */
const isPutOff = ({ state, attempt, swipe }: TurnRow): boolean =>
  state === 'pending' && attempt > 0 && swipe === 0

export async function chooseTurn(
  context: StoreContext,
  transaction: Drizzle,
  room: Room,
  last: TurnRow | undefined,
  which: 'previous' | 'next',
): Promise<CommandOutcome> {
  if (last === undefined) return which === 'next' ? 'nothing-to-retry' : 'no-other'
  if (last.state === 'pending' || last.state === 'running') return 'busy'
  const swipes = await swipesOf(transaction, last)
  const chosen = swipes.findIndex((each) => each.chosen)
  const other = chosen === -1 ? undefined : swipes[which === 'next' ? chosen + 1 : chosen - 1]?.swipe
  if (typeof other !== 'number') {
    return which === 'next' ? await retryTurn(context, transaction, last) : 'no-other'
  }
  await chooseSwipe(context, transaction, room, last, other)
  return 'choosing'
}

/** A turn that nobody works on yet is due at once, so that a worker finds the request and closes it. */
export async function stopTurns(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
  only: TurnRow | undefined,
  which: 'first' | 'all' = 'first',
): Promise<CommandOutcome> {
  const stop = (states: readonly ('running' | 'pending')[]) =>
    transaction
      .update(turns)
      .set({ stopRequested: true, dueAt: now })
      .where(
        and(
          turnsOf(context, doorway, room),
          inArray(turns.state, states),
          only === undefined ? undefined : eq(turns.id, only.id),
        ),
      )
      .returning(turnChange)
  // What waits behind the reply that is stopped is another question, and still wants its answer.
  const first = await stop(which === 'all' ? ['running', 'pending'] : ['running'])
  const stopped = first.length > 0 ? first : await stop(['pending'])
  for (const turn of stopped) await announceTurn(context, transaction, turn, 0)
  return stopped.length > 0 ? 'stopping' : 'nothing-to-stop'
}

export async function takeBackReply(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
  on: TurnRow | undefined,
): Promise<CommandOutcome> {
  const turn = on ?? (await lastToTakeBack(context, transaction, doorway, room))
  if (turn === undefined) return 'nothing-to-take-back'
  const taken = await withdrawReply(context, transaction, room, turn)
  return taken ? 'taken-back' : 'nothing-to-take-back'
}

/** The last that has a reply, or is at one; locked. */
async function lastToTakeBack(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
): Promise<TurnRow | undefined> {
  const replied = sql`exists (
    select 1 from messages m where m.owner_id = ${turns.ownerId} and m.turn_id = ${turns.id}
      and m.author = 'persona' and m.content is not null)`
  const [turn] = await transaction
    .select()
    .from(turns)
    .where(and(turnsOf(context, doorway, room), or(eq(turns.state, 'running'), replied)))
    .orderBy(desc(turns.until), desc(turns.createdAt))
    .limit(1)
    .for('update')
  return turn
}
