import type { Room } from '../core/conversation.ts'
import { type ExternalId, externalId } from '../core/ids.ts'
import type { ChangeCommand, CommandOutcome, Doorway } from '../core/store.ts'
import { type StoreContext, transact } from './context.ts'
import type { Drizzle } from './database.ts'
import { and, eq } from './drizzle.ts'
import { hasSay } from './has-say.ts'
import { chooseTurn, retryTurn, stopTurns, takeBackReply } from './inbox-turns.ts'
import { lastSpeaker } from './last-speaker.ts'
import { messageLookup } from './message-rows.ts'
import { lastTurn, type TurnRow, turnsOf } from './pending-turns.ts'
import { lockRoom } from './room-position.ts'
import { toggleQuiet } from './room-presence.ts'
import { commands, deliveries, turns } from './schema.ts'

/** In a room of which nothing is known. */
const outcomeOfNothing = {
  retry: 'nothing-to-retry',
  previous: 'no-other',
  next: 'nothing-to-retry',
  stop: 'nothing-to-stop',
  takeback: 'nothing-to-take-back',
  quiet: 'not-heard',
} as const

/**
 * `Inbox.command`. The outcome is written down with what the command changes, and told again when it comes
 * again. So nobody goes two swipes back for one reaction.
 */
export async function runCommand(
  context: StoreContext,
  doorway: Doorway,
  command: ChangeCommand,
): Promise<CommandOutcome> {
  const room = await roomOf(context, doorway, command)
  if (room === undefined) return outcomeOfNothing[command.name]
  const { externalId, target } = command
  if (target !== undefined && !(await hasSay(context, doorway, room, command.sender))) return 'not-heard'
  const lookup = externalId && messageLookup(context, room, nameOf(externalId, room, doorway))
  return await transact(context, async (transaction) => {
    await lockRoom(transaction, room)
    if (lookup === undefined) return await carryOut(context, transaction, doorway, room, command)
    const [before] = await transaction
      .select({ outcome: commands.outcome })
      .from(commands)
      .where(and(eq(commands.ownerId, room.owner), eq(commands.lookup, lookup)))
    if (before !== undefined) return before.outcome as CommandOutcome
    const outcome = await carryOut(context, transaction, doorway, room, command)
    // It is asked again in a moment.
    if (outcome === 'ending') return outcome
    await transaction.insert(commands).values({ ownerId: room.owner, lookup, roomId: room.id, outcome })
    return outcome
  })
}

/** In a group each persona that hears of a command carries it out for itself. */
const nameOf = (id: ExternalId, { kind }: Room, { persona }: Doorway): ExternalId =>
  kind === 'direct' ? id : externalId(`${persona} ${id}`)

/** A persona may be told to be quiet before anything was said. */
async function roomOf(
  { directory }: StoreContext,
  doorway: Doorway,
  { name, room, sender }: ChangeCommand,
): Promise<Room | undefined> {
  if (name !== 'quiet') return await directory.findRoom(doorway, room)
  return await directory.room(doorway, room, (await directory.participant(doorway, sender)).id)
}

/** Given to all in a group, these are meant for whoever spoke last. */
const ofLastReply: ReadonlySet<ChangeCommand['name']> = new Set(['retry', 'previous', 'next', 'takeback'])

async function carryOut(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
  { name, target, toAll = false }: ChangeCommand,
): Promise<CommandOutcome> {
  const persona = context.directory.blindPersona(doorway.persona)
  if (toAll && ofLastReply.has(name)) {
    const last = await lastSpeaker(transaction, room)
    if (last === undefined || !Buffer.from(last).equals(persona)) return 'not-heard'
  }
  const on = target === undefined ? undefined : await turnBehind(context, transaction, doorway, room, target)
  if (target !== undefined && on === undefined) return 'not-heard'
  switch (name) {
    case 'stop': {
      const outcome = await stopTurns(context, transaction, doorway, room, on)
      return toAll && outcome === 'nothing-to-stop' ? 'not-heard' : outcome
    }
    case 'takeback':
      return await takeBackReply(context, transaction, doorway, room, on)
    case 'quiet': {
      if (!(await toggleQuiet(context, transaction, doorway, room))) return 'talking'
      await stopTurns(context, transaction, doorway, room, undefined, 'all')
      return 'quiet'
    }
    case 'retry':
    case 'previous':
    case 'next': {
      const last = await lastTurn(transaction, room, persona)
      if (on !== undefined && on.id !== last?.id) return 'not-the-last'
      if (name === 'retry') return await retryTurn(context, transaction, last)
      return await chooseTurn(context, transaction, room, last, name)
    }
  }
}

/** The turn of which the message is a visible part; locked. */
async function turnBehind(
  context: StoreContext,
  transaction: Drizzle,
  doorway: Doorway,
  room: Room,
  target: ExternalId,
): Promise<TurnRow | undefined> {
  const [found] = await transaction
    .select({ turn: turns })
    .from(deliveries)
    .innerJoin(turns, and(eq(turns.ownerId, deliveries.ownerId), eq(turns.id, deliveries.turnId)))
    .where(
      and(
        eq(deliveries.ownerId, room.owner),
        eq(deliveries.lookup, messageLookup(context, room, target)),
        turnsOf(context, doorway, room),
      ),
    )
    .for('update', { of: turns })
  return found?.turn
}
