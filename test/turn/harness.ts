import type { SQL } from 'drizzle-orm'
import { expect, vi } from 'vitest'
import type { Adapter, AdapterLimits, OnEvent } from '../../src/core/adapter.ts'
import type { Turn, TurnOutcome } from '../../src/core/conversation.ts'
import type { InboundEvent, MessageEvent } from '../../src/core/events.ts'
import { accountId, externalId, newUuid, type PersonaId, workerId } from '../../src/core/ids.ts'
import type { GenerateOptions, Generator, ModelInfo, Piece, Prompt } from '../../src/core/model.ts'
import type { ErasureCertificate } from '../../src/core/people.ts'
import type { Persona } from '../../src/core/persona.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type EngineOptions, startEngine } from '../../src/turn/engine.ts'
import { type OpenedStore, query } from '../store/harness.ts'
import { type Letterbox, openLetterbox } from '../support/letterbox.ts'
import { letterboxAdapter } from '../support/letterbox-adapter.ts'
import { quietObserver, testPersona } from '../support/persona.ts'
import { wordsRecall } from '../support/recall.ts'
import { scriptedModel } from '../support/scripted-generator.ts'

/** Long enough for a busy machine; nothing waits for it when all goes well. */
const patience = { timeout: 15_000, interval: 5 }
export const until = (condition: () => void | Promise<void>) => vi.waitFor(condition, patience)

/** One question to the model, answered by hand. */
export interface Call {
  readonly prompt: Prompt
  readonly options: GenerateOptions
  readonly signal: AbortSignal
  say(text: string): void
  end(finish?: 'stop' | 'length'): void
  fail(error: Error): void
}

export interface HandGenerator extends Generator {
  readonly calls: readonly Call[]
  /** The next question that nobody has looked at yet. */
  next(): Promise<Call>
}

export function handGenerator(info: ModelInfo = scriptedModel): HandGenerator {
  const calls: Call[] = []
  let seen = 0
  return {
    calls,
    async next() {
      const index = seen++
      await until(() => expect(calls.length).toBeGreaterThan(index))
      return calls[index]!
    },
    info: async () => info,
    async *generate(prompt, options, signal): AsyncIterable<Piece> {
      const steps: (Piece | Error)[] = []
      let wake = () => {}
      const step = (each: Piece | Error) => {
        steps.push(each)
        wake()
      }
      calls.push({
        prompt,
        options,
        signal,
        say: (text) => step({ kind: 'text', text }),
        end: (finish = 'stop') =>
          step({ kind: 'end', model: info.name, finish, promptTokens: 10, replyTokens: 5 }),
        fail: step,
      })
      signal.addEventListener('abort', () => wake())
      for (;;) {
        signal.throwIfAborted()
        const next = steps.shift()
        if (next instanceof Error) throw next
        if (next !== undefined) yield next
        else await new Promise<void>((resolve) => (wake = resolve))
        if (next?.kind === 'end') return
      }
    },
  }
}

export interface RunOptions {
  readonly generator: Generator
  readonly limits?: Partial<AdapterLimits>
  readonly persona?: Persona
  readonly settleMs?: number
  readonly leaseMs?: number
  /** Changes what the adapter does. */
  readonly wrap?: (adapter: Adapter) => Partial<Adapter>
  readonly store?: (store: EngineOptions['store']) => EngineOptions['store']
  /** Serves only from `serve` on, so that a test can do things before the engine sees them. */
  readonly later?: boolean
  /** Another engine at the same letterbox and account. */
  readonly beside?: Run
  readonly isOperator?: EngineOptions['isOperator']
  readonly recall?: EngineOptions['recall']
  readonly oneByOne?: boolean
  readonly now?: () => Date
}

export interface Run extends AsyncDisposable {
  readonly letterbox: Letterbox
  readonly adapter: Adapter
  readonly closed: { readonly turn: Turn; readonly outcome: TurnOutcome }[]
  readonly failed: unknown[]
  readonly erased: readonly ErasureCertificate[]
  /** Why replies were made without some of the memories. */
  readonly troubles: readonly unknown[]
  readonly engine: ReturnType<typeof startEngine>
  /** From where turns take who speaks. */
  readonly personas: Map<PersonaId, Persona>
  /** What people see in the room: kind and text. */
  seen(room?: string): readonly string[]
  /** Resolves when the turn has ended in so many ways. */
  outcomes(...outcomes: readonly TurnOutcome[]): Promise<void>
  /** Resolves when no turn of the account is open. */
  settled(): Promise<void>
  /** An event that reaches the engine without the letterbox; resolves when it is durable. */
  event(event: InboundEvent): Promise<void>
  message(text: string, room?: string): MessageEvent
  /** Takes a turn as a worker does that is going to die: its lease is over at once. */
  dead: {
    claim(): Promise<Turn>
    bury(turn: Turn): Promise<void>
    /** The same for every turn of the account. */
    buryAll(): Promise<void>
  }
  /** Makes what waits for later due now. */
  hurry(): Promise<void>
  serve(): void
  endServing(): Promise<void>
}

let runs = 0
let events = 0

export async function startRun(opened: OpenedStore, options: RunOptions): Promise<Run> {
  const { beside, persona = testPersona } = options
  const letterbox = beside?.letterbox ?? (await openLetterbox())
  const plain = letterboxAdapter(letterbox.url, options.limits)
  let onEvent: OnEvent | undefined
  const account = beside?.adapter.account ?? { id: accountId(`run${runs++}`), platform: 'matrix' as const }
  const base: Adapter = {
    ...plain,
    account,
    start(listener, signal) {
      onEvent = listener
      return plain.start(listener, signal)
    },
  }
  const adapter: Adapter = { ...base, ...options.wrap?.(base) }
  const personas = new Map([[persona.id, persona]])
  const closed: { turn: Turn; outcome: TurnOutcome }[] = []
  const failed: unknown[] = []
  const erased: ErasureCertificate[] = []
  const troubles: unknown[] = []
  const store = options.store?.(opened.store) ?? opened.store
  const engine = startEngine({
    store,
    generator: options.generator,
    recall: options.recall ?? wordsRecall(opened.store),
    personas,
    observer: {
      ...quietObserver,
      closed: (turn, outcome) => closed.push({ turn, outcome }),
      failed: (_turn, error) => failed.push(error),
      erased: (certificate) => erased.push(certificate),
      recallFailed: (error) => troubles.push(error),
    },
    isOperator: options.isOperator,
    settleMs: options.settleMs ?? 0,
    personaTurnsMost: 3,
    leaseMs: options.leaseMs ?? 30_000,
    timeZone: 'Europe/Vienna',
    now: options.now,
  })
  const stop = new AbortController()
  let served: Promise<void> | undefined
  const serve = () => {
    served = engine
      .serve(adapter, persona.id, { oneByOne: options.oneByOne ?? false }, stop.signal)
      .catch(() => {})
  }
  if (options.later !== true) serve()
  const blind = opened.vault.lookup({ kind: 'account', account: account.id })
  const ofAccount = sql`account = ${blind}`
  const worker = workerId(newUuid())

  /** With a notification, as from another process: nobody has to wait for the next poll. */
  async function change(set: SQL): Promise<void> {
    await opened.database.drizzle.execute(sql`update turns set ${set}`)
    const nobody = newUuid()
    await opened.database.drizzle.execute(sql`select pg_notify('hearth_turns', ${`- ${nobody} 0 f 0`})`)
  }

  return {
    letterbox,
    adapter,
    closed,
    failed,
    erased,
    troubles,
    engine,
    personas,
    seen: (room = 'home') => letterbox.visible(room).map(({ kind, text }) => `${kind}: ${text}`),
    outcomes: (...outcomes) => until(() => expect(closed.map(({ outcome }) => outcome)).toEqual(outcomes)),
    settled: () =>
      until(async () => {
        const open = sql`select state from turns where ${ofAccount} and state <> 'closed'`
        expect(await query(opened.database, open)).toEqual([])
      }),
    async event(event) {
      await until(() => expect(onEvent).toBeDefined())
      await onEvent!(event)
    },
    message: (text, room = 'home') => ({
      kind: 'message',
      room: { externalId: externalId(room), kind: 'direct' },
      sender: { externalId: externalId('ada'), displayName: 'Ada' },
      at: new Date(),
      externalId: externalId(`x${events++}`),
      text,
    }),
    dead: {
      async claim() {
        const [turn] = await opened.store.queue.claim(worker, [account.id], [persona.id], 1, 60_000)
        expect(turn).toBeDefined()
        return turn!
      },
      async bury(turn) {
        await change(sql`lease_until = clock_timestamp() where id = ${turn.id}`)
      },
      buryAll: () => change(sql`lease_until = clock_timestamp() where ${ofAccount}`),
    },
    serve,
    hurry: () => change(sql`due_at = clock_timestamp() where ${ofAccount}`),
    async endServing() {
      stop.abort()
      await served
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await served
      await engine[Symbol.asyncDispose]()
      if (beside === undefined) await letterbox[Symbol.asyncDispose]()
    },
  }
}

/** What stands in a prompt after the system's first words, as `role: text`. */
export const talk = (prompt: Prompt) =>
  prompt.flatMap(({ role, text }) => (role === 'system' ? [] : [`${role}: ${text}`]))
