import type { Adapter } from '../core/adapter.ts'
import { type AccountId, newUuid, type PersonaId, workerId } from '../core/ids.ts'
import type { Generator } from '../core/model.ts'
import type { Observer } from '../core/observer.ts'
import type { Persona } from '../core/persona.ts'
import type { DeliveryLog, HistoryReader, Inbox, TurnAnnouncements, TurnQueue } from '../core/store.ts'
import { createTokenScale } from '../prompt/estimate.ts'
import { receive } from './receive.ts'
import { startScheduler } from './schedule.ts'

export interface EngineOptions {
  readonly store: {
    readonly inbox: Inbox
    readonly queue: TurnQueue
    readonly history: HistoryReader
    readonly deliveries: DeliveryLog
    readonly announcements: TurnAnnouncements
  }
  readonly generator: Generator
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly observer: Observer
  /** How long a room must be still before its messages are answered. */
  readonly settleMs: number
  /** How long a turn stays with a worker that shows no sign of life. */
  readonly leaseMs: number
}

export interface Engine extends AsyncDisposable {
  /**
   * Serves one account, for which one persona speaks, until its platform ends or the signal says so.
   * What was left unanswered by an earlier process is answered too; with `drainFirst`, before anything
   * new is taken. Throws what `adapter.start` throws; other accounts are not touched by that.
   */
  serve(
    adapter: Adapter,
    persona: PersonaId,
    options: { readonly drainFirst: boolean },
    signal: AbortSignal,
  ): Promise<void>
  /** Resolves when no turn is due or being worked on. */
  idle(): Promise<void>
}

/** Messages in, turns taken, replies out. Owns its scheduler, and nothing that it was given. */
export function startEngine(options: EngineOptions): Engine {
  const { store, personas, observer, settleMs } = options
  const adapters = new Map<AccountId, Adapter>()
  const scheduler = startScheduler({
    worker: workerId(newUuid()),
    announcements: store.announcements,
    leaseMs: options.leaseMs,
    tools: {
      ...store,
      generator: options.generator,
      adapters,
      personas,
      scale: createTokenScale(),
      observer,
      now: () => new Date(),
    },
  })

  return {
    async serve(adapter, persona, { drainFirst }, signal) {
      adapters.set(adapter.account.id, adapter)
      try {
        scheduler.wake()
        if (drainFirst) await unlessAborted(scheduler.idle(), signal)
        const tools = { inbox: store.inbox, generator: options.generator, observer, personas, settleMs }
        await adapter.start((event) => receive(event, adapter, persona, tools), signal)
      } finally {
        adapters.delete(adapter.account.id)
      }
    },
    idle: () => scheduler.idle(),
    [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
  }
}

/** Somebody who stops Hearth does not wait for what was left over: it is handed back again. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const abort = () => resolve()
  signal.addEventListener('abort', abort)
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
