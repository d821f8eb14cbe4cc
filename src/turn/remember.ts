import type { Turn } from '../core/conversation.ts'
import type { Persona } from '../core/persona.ts'
import { personaVersion } from '../persona/version.ts'
import type { Refusal } from './authorise.ts'
import { Interruption } from './control.ts'
import { type Generated, unasked } from './generate.ts'
import type { TurnTools } from './tools.ts'

/**
 * Makes the reply durable as the turn's chosen swipe. Throws `Interruption` when the turn has changed
 * in the meantime, or is another worker's by now.
 */
export async function remember(
  turn: Turn,
  reply: Generated,
  persona: Persona,
  tools: TurnTools,
): Promise<Generated> {
  const { text, promptTokens, replyTokens, historyFrom, recalled, recollections, made } = reply
  const durable = await tools.queue.answer(turn, {
    text,
    promptTokens,
    replyTokens,
    historyFrom,
    recalled,
    recollections,
    made,
    personaVersion: personaVersion(persona),
  })
  if (!durable) throw new Interruption('changed')
  return reply
}

/** What is durable already: its worker died over its delivery, or another swipe was chosen, or it is gone. */
export async function answered(turn: Turn, tools: TurnTools): Promise<Generated | Refusal> {
  const text = await tools.history.readReply(turn)
  if (text === undefined) return { allowed: false, reason: 'withdrawn' }
  return unasked(text)
}
