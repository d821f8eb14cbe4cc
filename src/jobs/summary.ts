import type { MemoryTask } from '../core/memory.ts'
import { countOlder, lineOf, summaryText } from '../memory/summary.ts'
import { condense } from './condense.ts'
import type { JobTools, Progress } from './tools.ts'

/** Makes the summary of what personas are not shown any more. */
export async function writeSummary(
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<Progress> {
  const episodes = await tools.tasks.readEpisodes(task, task.historyFrom)
  const before = await tools.tasks.readSummary(task)
  const to = episodes.at(-1)?.to
  if (to === undefined || before?.to === to) return 'done'
  const told = episodes.filter(({ gist }) => gist !== '')
  const older = told.slice(0, countOlder(told))
  // It goes on from the account that there is: nothing under it has changed, or it would be gone.
  const entries = older.filter(({ from }) => from > (before?.accountTo ?? 0)).map(lineOf)
  const account = await condense(before?.account ?? '', entries, task, tools, signal)
  const text = summaryText(account, told.slice(older.length))
  const kept = await tools.tasks.keepSummary(task, { to, text, account, accountTo: older.at(-1)?.to ?? 0 })
  return kept ? 'done' : 'changed'
}
