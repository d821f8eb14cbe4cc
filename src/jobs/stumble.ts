import { HearthError } from '../core/errors.ts'
import type { MemoryTask } from '../core/memory.ts'
import type { Prompt } from '../core/model.ts'
import { ask } from './ask.ts'
import type { JobTools } from './tools.ts'

/*
 * A model may fail at one text for ever: the server breaks over it, or all that comes is rubbish. Such a part of a
 * room is tried some times, then in halves, and a single message of which nothing can be made is passed over. A
 * model that is away altogether is waited for, however long that takes.
 */

/** A model that answers otherwise has made nothing of a part of a room. */
export class Stumble extends Error {
  /** The code of an error. */
  readonly reason: string

  constructor(cause: unknown) {
    super('a model made nothing of a part of a room', { cause })
    this.reason = cause instanceof HearthError ? cause.code : 'failed'
  }
}

const triesMost = 3
const firstWaitMs = 60_000
const probe: Prompt = [{ role: 'user', text: 'Answer with the one word: yes' }]
const probeTokens = 8

type Stumbles = Pick<MemoryTask, 'stumbles'>

/** How much is read at once. */
export const partOf = (most: number, { stumbles }: Stumbles): number =>
  Math.max(1, most >> Math.floor(stumbles / triesMost))

/** What is left is read in whole parts again. */
export const isHalved = ({ stumbles }: Stumbles): boolean => stumbles >= triesMost

/** Nothing smaller can be tried. `messages`: how many were read. */
export const isLastTry = ({ stumbles }: Stumbles, messages: number): boolean =>
  messages === 1 && stumbles + 1 >= triesMost

export const stumbleWaitMs = ({ stumbles }: Stumbles): number => firstWaitMs * 2 ** (stumbles % triesMost)

/** Throws where it is not the text's fault: `HearthError`, or what the aborted signal throws. */
export async function attempt<T>(
  work: () => Promise<T>,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<T | Stumble> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof HearthError && error.who !== 'model') throw error
    await ask(probe, task, probeTokens, tools, signal)
    return new Stumble(error)
  }
}
