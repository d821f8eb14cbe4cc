import type { HistoryCut, MemoryTask, Summary } from '../core/memory.ts'
import { condensePrompt } from '../memory/gist.ts'
import { countOlder, lineOf, summaryText } from '../memory/summary.ts'
import { condense } from './condense.ts'
import type { JobTools, Progress } from './tools.ts'

/** Makes the summaries of what personas are not shown any more, each from where its history begins. */
export async function writeSummaries(
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<Progress> {
  /** Those who are shown the same are told the same of what came before. */
  const made = new Map<number, Summary>()
  for (const cut of task.cuts) {
    const summary = await makeSummary(cut, made, task, tools, signal)
    if (summary === undefined) continue
    if (!(await tools.tasks.keepSummary(task, cut, summary))) return 'changed'
    made.set(summary.to, summary)
  }
  return 'done'
}

/** Undefined where the one that there is still holds. */
async function makeSummary(
  cut: HistoryCut,
  made: ReadonlyMap<number, Summary>,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const episodes = await tools.tasks.readEpisodes(task, cut.from)
  const before = await tools.tasks.readSummary(task, cut)
  const to = episodes.at(-1)?.to
  if (to === undefined || before?.to === to) return undefined
  const same = made.get(to)
  if (same !== undefined) return same
  const told = episodes.filter(({ gist }) => gist !== '')
  const older = told.slice(0, countOlder(told))
  // It goes on from the account that there is: nothing under it has changed, or it would be gone.
  const entries = older.filter(({ from }) => from > (before?.accountTo ?? 0)).map(lineOf)
  const account = await condense(before?.account ?? '', entries, condensePrompt, task, tools, signal)
  const text = summaryText(account, told.slice(older.length))
  return { to, text, account, accountTo: older.at(-1)?.to ?? 0 }
}
