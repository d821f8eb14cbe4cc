import { setTimeout as sleep } from 'node:timers/promises'
import { isAbort } from '../core/errors.ts'
import type { MemoryTask } from '../core/memory.ts'
import { writeEpisodes } from './episodes.ts'
import { writeFacts } from './facts.ts'
import { writeSummary } from './summary.ts'
import type { JobTools } from './tools.ts'
import { writeVectors } from './vectors.ts'

export interface JobOptions extends JobTools {
  /** How long a room must have rested: what is made of it asks the model, which people want for their replies. */
  readonly restMs: number
}

/** How often it is looked whether a room has rested. */
const pollMs = 5_000
/** Longer than any one answer of a model that works. */
const leaseMs = 10 * 60_000
/** What is still being said is looked at again when it may have ended. */
const wakeInMs = 3 * 60 * 60_000
/** The waits before a room is tried again, doubled each time. */
const retry = { firstMs: 60_000, mostMs: 6 * 60 * 60_000 }

/** Makes of what was said what is remembered of it, room by room, in the background. */
export function startJobs(options: JobOptions): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const { tasks, restMs, observe } = options

  async function work(task: MemoryTask): Promise<void> {
    try {
      await writeVectors(task, options, signal)
      const whole =
        (await writeFacts(task, options, signal)) &&
        (await writeEpisodes(task, options, signal)) &&
        (await writeSummary(task, options, signal))
      if (!whole) {
        observe({ kind: 'changed-meanwhile' })
        return await tasks.putBack(task, 0)
      }
      await tasks.close(task, (await tasks.readUncovered(task, 1)).length > 0 ? wakeInMs : undefined)
      observe({ kind: 'remembered' })
    } catch (error) {
      if (signal.aborted) return await tasks.putBack(task, 0)
      observe({ kind: 'failed', error, failures: task.failures + 1 })
      await tasks.putBack(task, Math.min(retry.firstMs * 2 ** task.failures, retry.mostMs))
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const task = await tasks.claim(restMs, leaseMs)
        if (task !== undefined) {
          await work(task)
          continue
        }
      } catch (error) {
        if (isAbort(error) && signal.aborted) return
        observe({ kind: 'failed', error, failures: 0 })
      }
      await sleep(Math.min(pollMs, Math.max(restMs, 50)), undefined, { signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
