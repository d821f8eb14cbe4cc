import { HearthError } from '../core/errors.ts'
import { modelMissing, noChatModel, unreachable } from './errors.ts'
import { chatModels } from './ollama-find.ts'
import type { PoolHost } from './pool-host.ts'

/** Both throw `HearthError`, or what the signal throws. */
export interface ModelFinder {
  /** The model to use where none is named: the configured one, else the newest that is found. */
  choose(signal: AbortSignal): Promise<string>
  /**
   * Makes sure that it is known which hosts have the model; those that rest are asked only when no
   * other one has it. What is wrong with the others goes into `failures`; hosts that stand there
   * already are not asked.
   */
  locate(model: string, failures: Map<PoolHost, unknown>, signal: AbortSignal): Promise<void>
}

export function createModelFinder(hosts: readonly PoolHost[], configured: string | undefined): ModelFinder {
  let found: string | undefined

  async function choose(signal: AbortSignal): Promise<string> {
    if (configured !== undefined) return configured
    if (found !== undefined) return found
    const problems: unknown[] = []
    for (const host of [...hosts.filter(({ well }) => well), ...hosts.filter(({ well }) => !well)]) {
      try {
        found = (await chatModels(host.server, signal))[0]
        if (found !== undefined) return found
      } catch (error) {
        signal.throwIfAborted()
        host.failed(error)
        problems.push(error)
      }
    }
    throw problems[0] ?? noChatModel(hosts.map(({ server }) => server.url))
  }

  async function locate(model: string, failures: Map<PoolHost, unknown>, signal: AbortSignal): Promise<void> {
    const resting = hosts.filter(({ well }) => !well)
    for (const group of [hosts.filter((host) => !resting.includes(host)), resting]) {
      const asked = group.filter((host) => !failures.has(host))
      await Promise.all(
        asked.map(async (host) => {
          try {
            await host.describe(model, signal)
          } catch (error) {
            signal.throwIfAborted()
            failures.set(host, error)
          }
        }),
      )
      if (asked.some((host) => !failures.has(host))) return
    }
    throw summary(model, failures)
  }

  function summary(model: string, failures: ReadonlyMap<PoolHost, unknown>): unknown {
    const errors = [...failures.values()]
    const passing = errors.find((error) => error instanceof HearthError && error.retryable)
    const missing = errors.every((error) => error instanceof HearthError && error.code === 'model-missing')
    if (missing) {
      found = undefined
      const where = hosts.map(({ server }) => server.url).join(' or ')
      return errors.length === 0 ? unreachable({ host: where }) : modelMissing({ host: where, model })
    }
    return passing ?? errors[0]
  }

  return { choose, locate }
}
