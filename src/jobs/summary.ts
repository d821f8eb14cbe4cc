import type { Episode, MemoryTask, Summary } from '../core/memory.ts'
import { accountTokens, condensePrompt, readGist } from '../memory/gist.ts'
import { countOlder, lineOf, summaryText } from '../memory/summary.ts'
import { keepSupported } from '../memory/supported.ts'
import { ask } from './ask.ts'
import type { JobTools, Progress } from './tools.ts'

/** Entries of which one account is made at once: a small model loses the thread of more. */
const entriesMost = 30

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
  const account = await tellOlder(older, before, task, tools, signal)
  const text = summaryText(account, told.slice(older.length))
  const kept = await tools.tasks.keepSummary(task, { to, text, account, accountTo: older.at(-1)?.to ?? 0 })
  return kept ? 'done' : 'changed'
}

/** Goes on from the account that there is: nothing under it has changed, or it would be gone. */
async function tellOlder(
  older: readonly Episode[],
  before: Summary | undefined,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<string> {
  let account = before?.account ?? ''
  const entries = older.filter(({ from }) => from > (before?.accountTo ?? 0)).map(lineOf)
  for (let next = 0; next < entries.length; next += entriesMost) {
    const told = [account, ...entries.slice(next, next + entriesMost)].filter((entry) => entry !== '')
    const written = await ask(condensePrompt(told), task, accountTokens, tools, signal)
    account = keepSupported(readGist(written), told)
  }
  return account
}
