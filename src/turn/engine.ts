import type { Adapter } from '../core/adapter.ts'
import type { Platform } from '../core/conversation.ts'
import { type AccountId, type ExternalId, newUuid, type PersonaId, workerId } from '../core/ids.ts'
import { sweepEveryMs } from '../core/kept-age.ts'
import type { KnockBook, KnockQueue } from '../core/knock.ts'
import type { FactReader, OwnMemory } from '../core/memory.ts'
import type { Embedder, Generator } from '../core/model.ts'
import type { Observer } from '../core/observer.ts'
import type { KeptPeople } from '../core/people.ts'
import type { Persona } from '../core/persona.ts'
import type { MemoryReader } from '../core/recall.ts'
import type {
  Circle,
  DeliveryLog,
  HistoryReader,
  Inbox,
  RoomManners,
  SelfDescriptions,
  TurnAnnouncements,
  TurnQueue,
} from '../core/store.ts'
import { createTurnstile } from '../core/turnstile.ts'
import type { Recall } from '../memory/recall.ts'
import { createTokenScale } from '../prompt/estimate.ts'
import { startKnocking } from './knocking.ts'
import { createFindNear } from './near.ts'
import { receive } from './receive.ts'
import { startScheduler } from './schedule.ts'

export interface EngineOptions {
  readonly store: {
    readonly inbox: Inbox
    readonly circle: Circle
    readonly queue: TurnQueue
    readonly manners: RoomManners
    readonly book: KnockBook
    readonly knocks: KnockQueue
    readonly history: HistoryReader
    readonly deliveries: DeliveryLog
    readonly announcements: TurnAnnouncements
    readonly own: OwnMemory
    readonly selves: SelfDescriptions
    readonly people: KeptPeople
    readonly memories: MemoryReader
    readonly facts: FactReader
    /** Lets go of what is kept opened for too long. */
    sweep(nowMs: number): void
  }
  readonly generator: Generator
  readonly recall: Recall
  /** Without it lorebook entries are found by their keys alone. */
  readonly embedder?: Embedder | undefined
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly observer: Observer
  /** Whether somebody runs this Hearth, by what their platform calls them. */
  readonly isOperator?: ((platform: Platform, user: ExternalId) => boolean) | undefined
  /** How long a room must be still before its messages are answered. */
  readonly settleMs: number
  /** So many turns of personas may follow a person's words in a group. */
  readonly personaTurnsMost: number
  /** How long a turn stays with a worker that shows no sign of life. */
  readonly leaseMs: number
  /** Where people are who have not said so: `Europe/Vienna`. That of this machine if left out. */
  readonly timeZone?: string | undefined
  readonly now?: (() => Date) | undefined
}

export interface Engine extends AsyncDisposable {
  /**
   * Serves one account, for which one persona speaks, until its platform ends or the signal says so.
   * What was left unanswered by an earlier process is answered too. With `oneByOne` that comes first, and
   * each event resolves only when its answer has come to its end: shown, refused or given up.
   * Throws what `adapter.start` throws; other accounts are not touched by that.
   */
  serve(
    adapter: Adapter,
    persona: PersonaId,
    options: { readonly oneByOne: boolean },
    signal: AbortSignal,
  ): Promise<void>
}

/**
 * When hundreds write at once, those whose messages are stored already get their replies before the next ones
 * are stored: with no bound the hundredth of two hundred waited twice as long.
 */
const insideMost = 8

/** Messages in, turns taken, replies out. Owns its scheduler, and nothing that it was given. */
export function startEngine(options: EngineOptions): Engine {
  const { store, personas, observer, settleMs, personaTurnsMost } = options
  const { now = () => new Date(), timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone } = options
  const adapters = new Map<AccountId, Adapter>()
  const waitingAccounts = new Set<AccountId>()
  const turnstile = createTurnstile(insideMost)
  const { recall } = options
  const listening = [
    store.announcements.onErased(recall.clear),
    store.announcements.onForgotten(recall.letGoOf),
  ]
  const sweeping = setInterval(() => {
    const nowMs = performance.now()
    recall.sweep(nowMs)
    store.sweep(nowMs)
  }, sweepEveryMs).unref()
  const scheduler = startScheduler({
    worker: workerId(newUuid()),
    announcements: store.announcements,
    leaseMs: options.leaseMs,
    tools: {
      ...store,
      generator: options.generator,
      remind: { memories: store.memories, facts: store.facts, recall },
      findNear: createFindNear({ embedder: options.embedder, onTrouble: observer.recallFailed }),
      adapters,
      waitingAccounts,
      personas,
      settleMs,
      personaTurnsMost,
      scale: createTokenScale(),
      observer,
      turnstile,
      timeZone,
      now,
    },
  })
  const knocking = startKnocking({ knocks: store.knocks, adapters, personas, observer, timeZone, now })

  return {
    async serve(adapter, persona, { oneByOne }, signal) {
      const account = adapter.account.id
      const { inbox } = store
      const tools = {
        inbox,
        circle: store.circle,
        own: store.own,
        history: store.history,
        remind: { memories: store.memories, facts: store.facts },
        isOperator: options.isOperator ?? (() => false),
        selves: store.selves,
        people: store.people,
        manners: store.manners,
        book: store.book,
        knocks: store.knocks,
        scheduler,
        generator: options.generator,
        observer,
        personas,
        settleMs,
        personaTurnsMost,
        turnstile,
        timeZone,
        now,
      }
      const drain = () => unlessAborted(scheduler.idle(account, persona, signal), signal)
      adapters.set(account, adapter)
      if (oneByOne) waitingAccounts.add(account)
      try {
        scheduler.wake()
        // A pipe may be over before the next poll.
        if (oneByOne) await knocking.look()
        if (oneByOne) await drain()
        await adapter.start(async (event) => {
          await receive(event, adapter, persona, tools)
          if (oneByOne) await drain()
        }, signal)
      } finally {
        adapters.delete(account)
        waitingAccounts.delete(account)
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweeping)
      for (const each of listening) each[Symbol.dispose]()
      await knocking[Symbol.asyncDispose]()
      await scheduler[Symbol.asyncDispose]()
    },
  }
}

/** Somebody who stops Hearth does not wait for what is open: it is handed back again. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const abort = () => resolve()
  signal.addEventListener('abort', abort)
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
