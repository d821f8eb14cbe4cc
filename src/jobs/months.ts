import type { Episode, MemoryTask, MonthDue } from '../core/memory.ts'
import { monthPrompt } from '../memory/gist.ts'
import { lineOf } from '../memory/summary.ts'
import { condense } from './condense.ts'
import type { JobTools, Progress, Steps } from './tools.ts'

/** Of fewer episodes a question about a month is told each. */
const episodesLeast = 3
/** It is over everywhere on Earth, and what was said in its last hours has its episode. */
const marginMs = 24 * 60 * 60_000

/** Writes down what happened in each month that is over. */
export async function writeMonths(
  task: MemoryTask,
  tools: JobTools,
  steps: Steps,
  signal: AbortSignal,
): Promise<Progress> {
  const due = (await tools.tasks.readMonthsDue(task, episodesLeast)).filter(
    (each) => overAtMs(each) <= tools.now().getTime(),
  )
  if (due.length === 0) return 'done'
  const episodes = await tools.tasks.readEpisodes(task, Number.MAX_SAFE_INTEGER)
  for (const { month } of due) {
    if (!steps.take()) return 'more'
    const [first, ...others] = episodes.filter(({ begunAt }) => begunAt.toISOString().startsWith(month))
    if (first === undefined) continue
    const all: readonly Episode[] = [first, ...others]
    const told = all.filter(({ gist }) => gist !== '').map(lineOf)
    const kept = await tools.tasks.keepMonth(task, {
      month,
      madeOf: all.length,
      from: Math.min(...all.map(({ from }) => from)),
      to: Math.max(...all.map(({ to }) => to)),
      begunAt: new Date(Math.min(...all.map(({ begunAt }) => begunAt.getTime()))),
      endedAt: new Date(Math.max(...all.map(({ endedAt }) => endedAt.getTime()))),
      gist: await condense('', told, monthPrompt, task, tools, signal),
    })
    if (!kept) return 'changed'
  }
  return 'done'
}

/** In how long the next month is over of which there is something to tell. */
export async function monthOverInMs(task: MemoryTask, { tasks, now }: JobTools): Promise<number | undefined> {
  const due = await tasks.readMonthsDue(task, episodesLeast)
  const waits = due.map((each) => overAtMs(each) - now().getTime()).filter((waitMs) => waitMs > 0)
  return waits.length === 0 ? undefined : Math.min(...waits)
}

function overAtMs({ month }: MonthDue): number {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return Date.UTC(year, number) + marginMs
}
