import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError, isAbort } from '../core/errors.ts'
import type { MemoryTask } from '../core/memory.ts'
import { Stumble, stumbleWaitMs } from './stumble.ts'
import type { JobTools, Progress, Steps } from './tools.ts'
import { writeVectors } from './vectors.ts'

export interface JobOptions extends JobTools {
  /** How long a room must have rested: what is made of it asks the model, which people want for their replies. */
  readonly restMs: number
}

/** How often it is looked whether a room has rested. */
const pollMs = 5_000
/** An imported conversation of years must not hold up what others have said today. */
const stepsMost = 12
/** Longer than so many steps of a model that works. */
const leaseMs = 10 * 60_000
/** What is still being said is looked at again when it may have ended, and vectors that are missing then. */
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
      const { progress, trouble } = await workOn(task)
      if (progress === 'changed') {
        observe({ kind: 'changed-meanwhile' })
        return await tasks.putBack(task, 0)
      }
      if (progress === 'more') return await tasks.yield(task, restMs)
      const { monthOverInMs } = await import('./months.ts')
      const wakes = trouble || (await tasks.readUncovered(task, 1)).length > 0
      await tasks.close(task, wakes ? wakeInMs : await monthOverInMs(task, options))
      observe({ kind: 'remembered' })
    } catch (error) {
      if (signal.aborted) return await tasks.putBack(task, 0)
      if (error instanceof Stumble) {
        observe({ kind: 'failed', error: error.cause, failures: task.stumbles + 1 })
        return await tasks.stumble(task, stumbleWaitMs(task))
      }
      observe({ kind: 'failed', error, failures: task.failures + 1 })
      await tasks.putBack(task, Math.min(retry.firstMs * 2 ** task.failures, retry.mostMs))
    }
  }

  /** `trouble`: vectors are missing, without which words alone are compared; all else is made nevertheless. */
  async function workOn(
    task: MemoryTask,
  ): Promise<{ readonly progress: Progress; readonly trouble: boolean }> {
    const steps = stepsOf(stepsMost)
    // Loaded when a room has rested: what the gate knows of five languages is a tenth of the time of a start.
    const { writeFacts } = await import('./facts.ts')
    const { writeEpisodes } = await import('./episodes.ts')
    const { writeMonths } = await import('./months.ts')
    const { writeSummaries } = await import('./summary.ts')
    let trouble = false
    let progress: Progress = 'done'
    try {
      progress = await writeVectors(task, options, steps, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof HearthError && error.who === 'store') throw error
      observe({ kind: 'failed', error, failures: task.failures })
      trouble = true
    }
    if (progress === 'done') progress = await writeFacts(task, options, steps, signal)
    if (progress === 'done') progress = await writeEpisodes(task, options, steps, signal)
    if (progress === 'done') progress = await writeMonths(task, options, steps, signal)
    if (progress === 'done') progress = await writeSummaries(task, options, signal)
    return { progress, trouble }
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

function stepsOf(most: number): Steps {
  let left = most
  return { take: () => left-- > 0 }
}
