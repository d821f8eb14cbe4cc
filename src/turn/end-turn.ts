import type { Adapter } from '../core/adapter.ts'
import type { Turn, TurnOutcome } from '../core/conversation.ts'
import { HearthError, isAbort } from '../core/errors.ts'
import type { Closing, SentPart } from '../core/store.ts'
import type { Refusal } from './authorise.ts'
import { Interruption, type TurnControl } from './control.ts'
import type { Generated } from './generate.ts'
import { isUnprompted } from './knock.ts'
import { failureSentence } from './notices.ts'
import type { TurnTools } from './tools.ts'

/** Waits of 2, 4, 8 … seconds, then every two minutes: a model host may be away for most of an hour. */
const backoff = { firstMs: 2_000, mostMs: 120_000, failuresMost: 30 }
/** A reply that fails only at its delivery is kept for as long as the platform is away. */
const neverGiveUp = 'platform'
/** Of a model that breaks off in the middle a person sees another beginning each time: not often, please. */
const shownTriesMost = 3
/** A model that has nothing to say once may have at the next try; it is not asked a third time. */
const emptyRepliesMost = 2

export function closeTurn(
  turn: Turn,
  reply: Generated,
  sent: readonly SentPart[],
  tools: TurnTools,
): Promise<Closing> {
  const tokens = { prompt: reply.promptTokens, reply: reply.replyTokens }
  return close(turn, reply.outcome, tools, tokens, sent)
}

async function close(
  turn: Turn,
  outcome: TurnOutcome,
  tools: TurnTools,
  tokens = { prompt: 0, reply: 0 },
  sent: readonly SentPart[] = [],
): Promise<Closing> {
  const closing = await tools.queue.close(turn, outcome, sent)
  if (closing !== 'not-closed') tools.observer.closed(turn, outcome, tokens)
  return closing
}

/** Tells the person why there is no answer, where there is something to tell. */
export async function refuseTurn(
  turn: Turn,
  adapter: Adapter,
  tools: TurnTools,
  refusal: Refusal,
): Promise<Closing> {
  if ('sentence' in refusal) await tellRefusal(turn, adapter, refusal.sentence)
  return await close(turn, refusal.reason === 'withdrawn' ? 'withdrawn' : 'refused', tools)
}

/**
 * What becomes of a turn that could not be taken to its end. `begun`: something of the reply was shown
 * in this try. Never throws: the lease is the last resort.
 */
export async function failTurn(
  turn: Turn,
  tools: TurnTools,
  control: TurnControl,
  error: unknown,
  begun: boolean,
): Promise<void> {
  try {
    // After a stop the reply is still delivered: what goes wrong then is no interruption.
    const reasons = [error, control.signal.reason, isAbort(error) && control.generating.reason]
    const interruption = reasons.find((each) => each instanceof Interruption)
    if (interruption !== undefined) await giveBack(turn, tools, interruption)
    // Its person was erased: there is nobody to tell, and nothing to be tried again.
    else if (error instanceof HearthError && error.code === 'gone') return
    else await failed(turn, tools, error, begun)
  } catch (second) {
    tools.observer.failed(turn, second, 'tried again')
  }
}

async function giveBack(turn: Turn, tools: TurnTools, interruption: Interruption): Promise<void> {
  switch (interruption.why) {
    case 'lost':
      return
    case 'stop':
      await close(turn, 'stopped', tools)
      return
    case 'changed':
    case 'shutdown':
      return tools.queue.putBack(turn, 0, false)
  }
}

async function failed(turn: Turn, tools: TurnTools, error: unknown, begun: boolean): Promise<void> {
  const shown = turn.shown || begun
  // As the queue does it: from the first try that shows something they are counted anew.
  const failures = shown && !turn.shown ? 0 : turn.failures
  // What it means to say first is said in the end without a model, or not at all.
  const again = (isUnprompted(turn) && isModelError(error)) || mayTryAgain(error, failures, shown)
  tools.observer.failed(turn, error, again ? 'tried again' : 'given up')
  const adapter = tools.adapters.get(turn.room.account)
  if (again) {
    const waitMs = Math.min(backoff.firstMs * 2 ** failures, backoff.mostMs)
    await tools.queue.putBack(turn, waitMs, true)
    if (isUnprompted(turn)) return
    if (failures === 0 && adapter !== undefined && !isPlatformError(error) && !isEmptyReply(error)) {
      await sendNotice(
        turn,
        adapter,
        noticeId(turn, 'failure'),
        failureSentence(error, 'tried again', adapter.limits.operator),
      )
    }
    return
  }
  if (isUnprompted(turn)) {
    // Who may not write there is not to try each day again.
    if (isPlatformError(error)) await tools.knocks.silence(turn)
  } else if (adapter !== undefined) {
    const sentence = failureSentence(error, 'given up', adapter.limits.operator)
    await sendNotice(turn, adapter, noticeId(turn, 'end'), sentence).catch((second) =>
      tools.observer.failed(turn, second, 'given up'),
    )
  }
  await close(turn, 'failed', tools)
}

function mayTryAgain(error: unknown, failures: number, shown: boolean): boolean {
  if (!(error instanceof HearthError) || !error.retryable) return false
  if (error.who === neverGiveUp) return true
  if (isEmptyReply(error)) return failures + 1 < emptyRepliesMost
  return failures + 1 < (shown && error.who === 'model' ? shownTriesMost : backoff.failuresMost)
}

const isModelError = (error: unknown) => error instanceof HearthError && error.who === 'model'
const isPlatformError = (error: unknown) => error instanceof HearthError && error.who === 'platform'
const isEmptyReply = (error: unknown) => error instanceof HearthError && error.code === 'empty-reply'

/** It has the revision: what was said after a notice, and each retry, may have one again. */
const noticeId = (turn: Turn, about: 'refusal' | 'failure' | 'end' | 'rest') =>
  `${turn.id}.${about}.${turn.revision}`

/** Tells of a message that it could not be read. */
export async function tellRefusal(turn: Turn, adapter: Adapter, sentence: string): Promise<void> {
  await sendNotice(turn, adapter, noticeId(turn, 'refusal'), sentence)
}

/** Says something of a turn in its room. Under the same revision it is shown once. */
export const tellOnce = (turn: Turn, adapter: Adapter, about: 'rest', text: string): Promise<void> =>
  sendNotice(turn, adapter, noticeId(turn, about), text)

/** Says something of a turn in its room: under the same id once. */
export async function sendNotice(turn: Turn, adapter: Adapter, id: string, text: string): Promise<void> {
  const key = { id, firstTriedAt: new Date() }
  const timeout = AbortSignal.timeout(10_000)
  await adapter.send(turn.room, { text, kind: 'notice', final: true }, key, timeout)
}
