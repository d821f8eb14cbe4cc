import type { GenerateOptions } from '../core/model.ts'
import { createFairQueue } from './queue.ts'

type Caller = Pick<GenerateOptions, 'fairness' | 'priority'>

/** The one place at the model: people before jobs, fair between people, otherwise in the order of asking. */
export interface ModelTurns {
  /** Resolves when it is the caller's turn, which lasts until `Symbol.dispose`. Throws what the aborted signal throws. */
  enter(caller: Caller, signal: AbortSignal): Promise<Disposable>
}

interface Waiter extends Caller {
  readonly begin: () => void
}

export function createModelTurns(): ModelTurns {
  const queue = createFairQueue<Waiter>()
  let busy = false

  const next = () => {
    if (busy) return
    const waiter = queue.take(() => true)
    if (waiter === undefined) return
    busy = true
    waiter.begin()
  }

  return {
    async enter({ fairness, priority }, signal) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const waiter: Waiter = { fairness, priority, begin: resolve }
      const giveUp = () => {
        if (queue.remove(waiter)) reject(signal.reason)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      queue.add(waiter)
      next()
      try {
        await promise
      } finally {
        signal.removeEventListener('abort', giveUp)
      }
      return {
        [Symbol.dispose]: () => {
          queue.finish(waiter)
          busy = false
          next()
        },
      }
    },
  }
}
