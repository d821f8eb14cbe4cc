import type { Turn } from '../core/conversation.ts'
import { HearthError } from '../core/errors.ts'
import type { ParticipantId } from '../core/ids.ts'
import type { RoomPast } from '../core/made.ts'
import type { ModelInfo } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { TurnHistory } from '../core/store.ts'
import type { Recall } from '../memory/recall.ts'
import { asksOfPast } from '../persona/lore/standing.ts'
import type { Images } from '../prompt/images.ts'
import { booksIn } from './lore.ts'
import { noReminders, type Reach, type Reminders, readReach, remind } from './remind.ts'
import type { TurnTools } from './tools.ts'

/** The room's, since the last cut. */
export interface ShownHistory extends TurnHistory {
  /** The first anchor of all of it, where its beginning is not shown to those who are there: that is no cut. */
  readonly wholeFrom?: number
}

/** What the persona knows when it answers. */
export interface Known {
  readonly history: ShownHistory
  /** What of other times it may speak of there. */
  readonly reach: Reach
  /** What people say of themselves there. */
  readonly selves: ReadonlyMap<ParticipantId, string>
}

/** Asks the database for everything at once: each further way to it is one that the person waits for. */
export async function recall(
  turn: Turn,
  tools: Pick<TurnTools, 'history' | 'remind' | 'selves' | 'observer'>,
): Promise<Known> {
  const { trouble } = turn.recall
  if (trouble !== undefined) tools.observer.recallFailed(trouble)
  const [history, reach, selves] = await Promise.all([
    tools.history.read(turn),
    readReach(turn, tools.remind),
    turn.recall.selves ?? tools.selves.read(turn.room),
  ])
  return { history: await readable(turn, history, reach, tools.remind), reach, selves }
}

/** Of a group what everybody who is there could read when it was said, or can on the platform. */
export async function readable(
  turn: Turn,
  history: TurnHistory,
  { audience }: Reach,
  { memories }: Pick<TurnTools['remind'], 'memories'>,
): Promise<ShownHistory> {
  if (turn.room.kind === 'direct' || turn.kind === 'greeting') return history
  const here = audience.filter(({ room }) => room === turn.room.id)
  const messages = history.messages.filter(
    ({ anchor }) => anchor >= turn.since || here.some(({ from, to }) => anchor >= from && anchor <= to),
  )
  if (messages.length === history.messages.length || (await memories.readsBefore(turn.room))) return history
  return { ...history, messages, wholeFrom: history.messages[0]?.anchor ?? 0 }
}

/**
 * What a model that sees is shown: the images since the persona's last reply, also those that others sent
 * before somebody asked about them. Older ones stay words, so that the prompt's beginning stays the same.
 */
export async function recallImages(
  turn: Turn,
  { messages }: TurnHistory,
  model: ModelInfo,
  tools: Pick<TurnTools, 'history'>,
): Promise<Images> {
  if (!model.sees) return new Map()
  const lastReply = messages.findLast(({ author }) => author.kind === 'persona' && author.id === turn.persona)
  return await tools.history.readImages(turn, lastReply?.anchor ?? 0)
}

/** A way to the database of its own: only where the persona's lore asks. */
export async function recallPast(
  turn: Turn,
  persona: Persona,
  tools: Pick<TurnTools, 'history'>,
): Promise<RoomPast | undefined> {
  const asks = booksIn(persona, turn.room.externalId).some(({ entries }) => entries.some(asksOfPast))
  return asks ? await tools.history.readPast(turn) : undefined
}

/** Which lorebook entries the new messages call to mind by what they mean. A pocket model is shown none of those. */
export async function recallNear(
  turn: Turn,
  { messages }: TurnHistory,
  persona: Persona,
  model: ModelInfo,
  tools: Pick<TurnTools, 'findNear'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (model.pocket) return []
  const said = messages.filter(({ author, anchor }) => author.kind === 'participant' && anchor >= turn.since)
  return await tools.findNear(
    booksIn(persona, turn.room.externalId),
    said.map(({ text }) => text).join('\n'),
    signal,
  )
}

/**
 * What it calls to mind of earlier times. A pocket model is led astray by it. Without what was said earlier a reply
 * is poorer and still a reply: whatever goes wrong here is told to the operator, and to nobody else.
 */
export async function recallMemories(
  turn: Turn,
  { history, reach }: Known,
  persona: Persona,
  model: ModelInfo,
  tools: Pick<TurnTools, 'remind' | 'observer' | 'personas' | 'scale' | 'turnstile' | 'now'>,
  signal: AbortSignal,
): Promise<Reminders> {
  if (model.pocket) return noReminders
  const contextTokens = Math.min(persona.budget.contextTokens, model.contextTokens)
  const recall: Pick<Recall, 'recall'> = {
    // The embedder is another machine's, or busy: nobody who comes in is to wait for that.
    recall: (audience, question, ...rest) =>
      tools.remind.recall.recall(audience, { ...question, aside: tools.turnstile.stepOut }, ...rest),
  }
  try {
    const estimated = contextTokens / tools.scale.factor(model.name)
    const reminding = { ...tools.remind, recall, personas: tools.personas }
    return await remind(turn, history, reach, estimated, tools.now(), reminding, signal)
  } catch (error) {
    if (signal.aborted || (error instanceof HearthError && error.who === 'store')) throw error
    tools.observer.recallFailed(error)
    return noReminders
  }
}
