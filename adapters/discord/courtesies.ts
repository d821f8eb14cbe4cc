import { setTimeout as sleep } from 'node:timers/promises'

/** So long nothing else may have been sent. */
const quietMs = 1_500
const keptMost = 1_000

/**
 * What is nice to have and not waited for, such as taking buttons away. Discord allows a bot fifty requests in
 * a second for everything together: these go one by one, and only while nothing else is to be sent.
 */
export interface Courtesies {
  /** Something else is being sent. */
  busy(): void
  /** The same name twice is one, the later. */
  later(name: string, work: () => Promise<void>): void
}

export function createCourtesies(signal: AbortSignal): Courtesies {
  const waiting = new Map<string, () => Promise<void>>()
  let busyAtMs = 0
  let running = false

  async function run(): Promise<void> {
    running = true
    while (waiting.size > 0 && !signal.aborted) {
      const restMs = busyAtMs + quietMs - performance.now()
      if (restMs > 0) {
        await sleep(restMs, undefined, { signal, ref: false }).catch(() => undefined)
        continue
      }
      const [next] = waiting
      if (next === undefined) break
      waiting.delete(next[0])
      await next[1]().catch(() => undefined)
    }
    running = false
  }

  return {
    busy() {
      busyAtMs = performance.now()
    },
    later(name, work) {
      waiting.delete(name)
      waiting.set(name, work)
      const [oldest] = waiting.keys()
      if (waiting.size > keptMost && oldest !== undefined) waiting.delete(oldest)
      if (!running) void run()
    },
  }
}
