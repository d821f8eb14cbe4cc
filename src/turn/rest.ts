import type { Adapter } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import type { Persona } from '../core/persona.ts'
import { quietUntil } from '../core/quiet-hours.ts'
import { tellOnce } from './end-turn.ts'
import { isUnprompted, waitOf } from './knock.ts'
import { restSentence } from './notices.ts'
import type { TurnTools } from './tools.ts'

/** The queue takes a longer wait for the work of a clock that was wrong. */
const waitMostMs = 5 * 60_000

/**
 * Puts a turn off while its persona's quiet hours last, and says so where it is claimed for the first time: what is
 * said meanwhile belongs to the same turn. What was begun, and what somebody asks for once more, is answered; so is
 * whatever comes from where nothing more would be heard until then.
 * True where it was put off.
 */
export async function rest(
  turn: Turn,
  { adapter, persona }: { readonly adapter: Adapter; readonly persona: Persona },
  tools: TurnTools,
): Promise<boolean> {
  if (isUnprompted(turn)) return await restUnprompted(turn, persona, tools)
  const { quietHours } = persona.manners
  const fresh = turn.kind === 'reply' && turn.state === 'running' && turn.swipe === 0
  if (quietHours === undefined || !fresh || turn.shown || turn.stopRequested) return false
  if (tools.waitingAccounts.has(turn.room.account)) return false
  const now = tools.now()
  const end = quietUntil(quietHours, now)
  if (end === undefined) return false
  await tools.queue.putBack(turn, Math.min(end.getTime() - now.getTime(), waitMostMs), false)
  // In a group nobody waits for it, or everybody would be told.
  if (turn.attempt === 1 && turn.room.kind === 'direct')
    await tellOnce(turn, adapter, 'rest', restSentence(end)).catch((error: unknown) =>
      tools.observer.failed(turn, error, 'tried again'),
    )
  return true
}

/** Without a word: nobody waits for it. What is out of date is withdrawn by its turn. */
async function restUnprompted(turn: Turn, persona: Persona, tools: TurnTools): Promise<boolean> {
  if (turn.swipe > 0 || turn.stopRequested || (await isOut(turn, tools))) return false
  const waitMs = await waitOf(turn, persona, tools)
  if (waitMs === 0) return false
  if (waitMs !== 'never') await tools.queue.putBack(turn, Math.min(waitMs, waitMostMs), false)
  else if (turn.state === 'running') await tools.queue.close(turn, 'withdrawn')
  else {
    // Words that nobody has seen are not to stand in the history.
    await tools.knocks.withdraw(turn)
    await tools.queue.putBack(turn, 0, false)
  }
  return true
}

/** It has been seen, or there is nothing left of it to be said. What was made may still wait for its platform. */
async function isOut(turn: Turn, { deliveries, history }: TurnTools): Promise<boolean> {
  if (turn.state === 'running') return turn.shown
  const sent = await deliveries.list(turn)
  return (
    sent.some(({ externalId }) => externalId !== undefined) || (await history.readReply(turn)) === undefined
  )
}
