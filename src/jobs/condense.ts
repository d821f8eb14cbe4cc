import type { MemoryTask } from '../core/memory.ts'
import type { Prompt } from '../core/model.ts'
import { accountTokens, readGist } from '../memory/gist.ts'
import { keepSupported } from '../memory/supported.ts'
import { ask } from './ask.ts'
import { attempt, isLastTry, Stumble } from './stumble.ts'
import type { JobTools } from './tools.ts'

/** Entries of which one account is made at once: a small model loses the thread of more. */
const entriesMost = 30

/** One account of many entries, which goes on from the one `before`. Throws as `attempt` does, or `Stumble`. */
export async function condense(
  before: string,
  entries: readonly string[],
  promptOf: (told: readonly string[]) => Prompt,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<string> {
  let account = before
  for (let next = 0; next < entries.length; next += entriesMost) {
    const told = [account, ...entries.slice(next, next + entriesMost)].filter((entry) => entry !== '')
    account = await tell(told, promptOf(told), task, tools, signal)
  }
  return account
}

async function tell(
  told: readonly string[],
  prompt: Prompt,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<string> {
  const asking = () => ask(prompt, task, accountTokens, tools, signal)
  const written = await attempt(asking, task, tools, signal)
  if (!(written instanceof Stumble)) return keepSupported(readGist(written), told)
  if (!isLastTry(task, 1)) throw written
  tools.observe({ kind: 'passed-over', what: 'account', reason: written.reason })
  // What it begins with, as it was told: poorer, and no reason to wait for ever.
  return readGist(told.join(' '))
}
