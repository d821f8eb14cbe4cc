import { HearthError } from '../core/errors.ts'
import type { Generator, ModelInfo } from '../core/model.ts'
import { linkSignals } from './abort.ts'
import { diedMidReply, mayTryElsewhere, poolClosed } from './errors.ts'
import { ollamaHost } from './ollama.ts'
import { type PoolHost, poolHost } from './pool-host.ts'
import { createModelFinder } from './pool-models.ts'
import { createSlots } from './pool-slots.ts'

export interface PoolOptions {
  /** `url` as `ollamaAddress` gives it; `parallel`: how many replies at once, 1 by default. */
  readonly hosts: readonly { readonly url: string; readonly parallel?: number | undefined }[]
  /** The model that speaks when a call names none; without it, the newest chat model that is found. */
  readonly chat?: string | undefined
  /** The most tokens that any call may take, whatever the model could: a longer context needs more memory. */
  readonly contextTokens?: number | undefined
  /** `30m`, or seconds; -1 for ever. */
  readonly keepAlive?: string | number | undefined
  /** How long a server may be silent between two pieces. */
  readonly stallMs?: number | undefined
  /** The same before the first one. */
  readonly loadMs?: number | undefined
  readonly observe?: ((event: PoolEvent) => void) | undefined
}

/** For metrics and logs. Hosts by their address. */
export type PoolEvent =
  | {
      readonly kind: 'started'
      readonly host: string
      readonly priority: 'person' | 'job'
      readonly waitedMs: number
    }
  | { readonly kind: 'first-text'; readonly host: string; readonly model: string; readonly afterMs: number }
  | {
      readonly kind: 'finished'
      readonly host: string
      readonly model: string
      readonly afterMs: number
      readonly promptTokens: number
      readonly replyTokens: number
    }
  | { readonly kind: 'failed'; readonly host: string; readonly model: string; readonly code: string }
  | { readonly kind: 'rested'; readonly host: string; readonly pauseMs: number }
  | { readonly kind: 'recovered'; readonly host: string }

export interface PoolStatus {
  readonly waiting: number
  readonly hosts: readonly {
    readonly url: string
    readonly well: boolean
    readonly running: number
    readonly parallel: number
  }[]
}

export interface Pool extends Generator, AsyncDisposable {
  status(): PoolStatus
}

const defaults = { keepAlive: '30m', stallMs: 120_000, loadMs: 300_000, askMs: 10_000 } as const

/** The Ollama hosts of one house, as one `Generator`. */
export function createPool(options: PoolOptions): Pool {
  const closing = new AbortController()
  const observe = options.observe ?? (() => {})
  const { keepAlive = defaults.keepAlive, stallMs = defaults.stallMs, loadMs = defaults.loadMs } = options
  const hosts: readonly PoolHost[] = options.hosts.map(({ url, parallel = 1 }) =>
    poolHost(
      ollamaHost({ url, keepAlive, stallMs, loadMs, askMs: defaults.askMs }),
      parallel,
      {
        rested: ({ server }, pauseMs) => {
          observe({ kind: 'rested', host: server.url, pauseMs })
          slots.changed()
        },
        recovered: ({ server }) => {
          observe({ kind: 'recovered', host: server.url })
          slots.changed()
        },
      },
      closing.signal,
    ),
  )
  const slots = createSlots(hosts)
  const models = createModelFinder(hosts, options.chat)
  const capped = (tokens: number): number => Math.min(tokens, options.contextTokens ?? tokens)

  return {
    status: () => ({
      waiting: slots.waiting,
      hosts: hosts.map(({ server, well, running, parallel }) => ({
        url: server.url,
        well,
        running,
        parallel,
      })),
    }),

    async info(asked, callerSignal): Promise<ModelInfo> {
      using life = linkSignals(callerSignal, closing.signal)
      life.signal.throwIfAborted()
      const model = asked ?? (await models.choose(life.signal))
      await models.locate(model, new Map(), life.signal)
      const able = hosts.flatMap((host) => host.known(model) ?? [])
      return {
        name: model,
        where: hosts
          .filter((host) => host.known(model) !== undefined)
          .map(({ server }) => server.url)
          .join(', '),
        contextTokens: capped(Math.min(...able.map(({ contextTokens }) => contextTokens))),
        sees: able.every(({ sees }) => sees),
        thinks: able.some(({ thinks }) => thinks),
        // What has to think first would begin anew.
        continues: able.every(({ thinks }) => !thinks),
        pocket: false,
      }
    },

    async *generate(prompt, asked, callerSignal) {
      using life = linkSignals(callerSignal, closing.signal)
      const { signal } = life
      signal.throwIfAborted()
      const model = asked.model ?? (await models.choose(signal))
      const generate = { ...asked, model, contextTokens: capped(asked.contextTokens) }
      const failures = new Map<PoolHost, unknown>()
      /** Hosts that broke a connection once: it may have been an old one that had died unseen. */
      const brokeOnce = new Set<PoolHost>()
      const beganAt = performance.now()

      for (;;) {
        await models.locate(model, failures, signal)
        using slot = await slots.take({ ...generate, excluded: failures }, signal)
        const { host } = slot
        const where = { host: host.server.url, model }
        const startedAt = performance.now()
        let shown = false
        observe({
          kind: 'started',
          host: where.host,
          priority: asked.priority,
          waitedMs: startedAt - beganAt,
        })
        try {
          const described = await host.describe(model, signal)
          for await (const piece of host.server.chat(described, prompt, generate, signal)) {
            if (piece.kind === 'text' && !shown) {
              shown = true
              observe({ kind: 'first-text', ...where, afterMs: performance.now() - startedAt })
            }
            if (piece.kind === 'end') {
              host.succeeded()
              // Whoever waits can begin: the server is done, whatever the reader does with this.
              slot[Symbol.dispose]()
              const { promptTokens, replyTokens } = piece
              observe({
                kind: 'finished',
                ...where,
                afterMs: performance.now() - startedAt,
                promptTokens,
                replyTokens,
              })
            }
            yield piece
          }
          return
        } catch (error) {
          signal.throwIfAborted()
          if (!(error instanceof HearthError)) throw error
          host.failed(error)
          if (error.code === 'model-missing') host.forget(model)
          observe({ kind: 'failed', ...where, code: error.code })
          if (shown) throw error.code === 'stalled' ? error : diedMidReply(where, error)
          if (!mayTryElsewhere(error)) throw error
          if (error.code === 'died-mid-reply' && !brokeOnce.has(host)) brokeOnce.add(host)
          else failures.set(host, error)
        }
      }
    },

    async [Symbol.asyncDispose]() {
      closing.abort(poolClosed())
    },
  }
}
