import { HearthError } from '../core/errors.ts'
import { until } from './abort.ts'
import { modelMissing } from './errors.ts'
import type { OllamaHost } from './ollama.ts'
import type { OllamaModel } from './ollama-wire.ts'

const firstPauseMs = 1_000
const longestPauseMs = 60_000
/** So soon is a model seen that the operator has pulled in the meantime. */
const missingMs = 15_000

/**
 * A host's health:
 *
 *   well ──failure──▶ resting ──pause over──▶ probed ──answers──▶ well
 *                        ▲                       │
 *                        └───longer pause────────┘
 *
 * A resting host gets no calls while another one can take them. A call that succeeds there makes it
 * well at once. The pause doubles until a call succeeds: a server that answers probes but fails at
 * every reply is left alone for longer and longer too.
 */
export interface PoolHost {
  readonly server: OllamaHost
  readonly parallel: number
  running: number
  readonly well: boolean
  /** What is known already; undefined where the host has not been asked, or has not got the model. */
  known(model: string): OllamaModel | undefined
  /** Asks the server once and remembers. Throws what `OllamaHost.describe` throws. */
  describe(model: string, signal: AbortSignal): Promise<OllamaModel>
  /** The server has turned out not to have it any more. */
  forget(model: string): void
  failed(error: unknown): void
  succeeded(): void
}

export interface HealthEvents {
  rested(host: PoolHost, pauseMs: number): void
  recovered(host: PoolHost): void
}

/** `lifetime` ends all that the host does by itself. */
export function poolHost(
  server: OllamaHost,
  parallel: number,
  events: HealthEvents,
  lifetime: AbortSignal,
): PoolHost {
  const models = new Map<string, OllamaModel>()
  const asking = new Map<string, Promise<OllamaModel>>()
  const missingUntil = new Map<string, number>()
  let failuresInARow = 0
  let resting = false
  let timer: NodeJS.Timeout | undefined
  lifetime.addEventListener('abort', () => clearTimeout(timer), { once: true })

  const recover = (): void => {
    clearTimeout(timer)
    if (!resting) return
    resting = false
    events.recovered(host)
  }

  const rest = (): void => {
    if (lifetime.aborted) return
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failuresInARow)
    failuresInARow++
    resting = true
    timer = setTimeout(() => void server.ping(lifetime).then(recover, rest), pauseMs)
    // Nothing but a probe to wait for must not keep the process alive.
    timer.unref()
    events.rested(host, pauseMs)
  }

  async function ask(model: string): Promise<OllamaModel> {
    try {
      const described = await server.describe(model, lifetime)
      models.set(model, described)
      return described
    } catch (error) {
      host.failed(error)
      if (error instanceof HearthError && error.code === 'model-missing') {
        missingUntil.set(model, performance.now() + missingMs)
      }
      throw error
    } finally {
      asking.delete(model)
    }
  }

  const host: PoolHost = {
    server,
    parallel,
    running: 0,
    get well() {
      return !resting
    },
    known: (model) => models.get(model),
    async describe(model, signal) {
      const known = models.get(model)
      if (known !== undefined) return known
      if ((missingUntil.get(model) ?? 0) > performance.now()) {
        throw modelMissing({ host: server.url, model })
      }
      // One question for all who wait for the answer: hence not with the signal of the first of them.
      let answer = asking.get(model)
      if (answer === undefined) {
        answer = ask(model)
        asking.set(model, answer)
      }
      return until(answer, signal)
    },
    forget: (model) => void models.delete(model),
    failed(error) {
      if (resting || !(error instanceof HearthError)) return
      if (error.retryable || error.code === 'not-ollama') rest()
    },
    succeeded() {
      failuresInARow = 0
      recover()
    },
  }
  return host
}
