import { HearthError } from '../core/errors.ts'
import { fromNetwork } from './errors.ts'
import { type OllamaHost, ollamaHost } from './ollama.ts'

/** A server may hold hundreds of models; those that were not touched for long are not looked at. */
const maxLookedAt = 40

/**
 * The names of the models on this host that can chat and run there, the one that changed last first.
 * Throws `HearthError`, or what the aborted signal throws.
 */
export async function chatModels(host: OllamaHost, signal: AbortSignal): Promise<readonly string[]> {
  const installed = (await host.list(signal))
    .filter((model) => !model.elsewhere && model.chats !== false)
    .sort((a, b) => b.modifiedAtMs - a.modifiedAtMs)
    .slice(0, maxLookedAt)
  const chats = await Promise.all(
    installed.map(async ({ name, chats }) => {
      if (chats === true) return true
      try {
        return (await host.describe(name, signal)).chats
      } catch (error) {
        // Gone in the meantime, or one that runs elsewhere: not this one.
        if (error instanceof HearthError && !error.retryable) return false
        throw error
      }
    }),
  )
  return installed.filter((_, index) => chats[index]).map(({ name }) => name)
}

export interface FoundHost {
  readonly url: string
  /** Undefined when the host answers; else why it is of no use. */
  readonly problem: HearthError | undefined
  /** Newest first. */
  readonly chatModels: readonly string[]
}

/**
 * Looks which of these hosts answer within `timeoutMs` and what chat models they have, in the given
 * order. Throws only what the aborted signal throws.
 */
export function findOllama(
  urls: readonly string[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<readonly FoundHost[]> {
  return Promise.all(
    urls.map(async (url): Promise<FoundHost> => {
      const host = ollamaHost({ url, keepAlive: 0, askMs: timeoutMs, loadMs: timeoutMs, stallMs: timeoutMs })
      try {
        return { url, problem: undefined, chatModels: await chatModels(host, signal) }
      } catch (error) {
        signal.throwIfAborted()
        const problem = fromNetwork({ host: url }, error)
        if (!(problem instanceof HearthError)) throw problem
        return { url, problem, chatModels: [] }
      }
    }),
  )
}
