import type { MemoryTask, TalkMessage } from '../core/memory.ts'
import { gistPrompt, gistTokens, readGist } from '../memory/gist.ts'
import { stretchesOf } from '../memory/stretches.ts'
import { keepSupported } from '../memory/supported.ts'
import { ask } from './ask.ts'
import type { JobTools, Progress, Steps } from './tools.ts'

/** Read at once: as many as a dozen stretches have. */
const messagesMost = 800

/** Writes down the gist of stretches of talk that have ended. */
export async function writeEpisodes(
  task: MemoryTask,
  tools: JobTools,
  steps: Steps,
  signal: AbortSignal,
): Promise<Progress> {
  for (;;) {
    const runs = await tools.tasks.readUncovered(task, messagesMost)
    const stretches = runs.flatMap((run) => stretchesOf(run, tools.now()))
    const closed = stretches.filter((stretch) => stretch.closed)
    for (const { messages } of closed) {
      if (!steps.take()) return 'more'
      if (!(await writeEpisode(messages, task, tools, signal))) return 'changed'
    }
    const read = runs.reduce((sum, run) => sum + run.length, 0)
    if (closed.length === 0 || read < messagesMost) return 'done'
  }
}

async function writeEpisode(
  messages: readonly TalkMessage[],
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<boolean> {
  const [first, last] = [messages.at(0), messages.at(-1)]
  if (first === undefined || last === undefined) return true
  const nameOf = ({ author }: TalkMessage) =>
    author.kind === 'participant' ? author.displayName : (tools.personas.get(author.id)?.name ?? author.id)
  const written = await ask(gistPrompt(messages, nameOf), task, gistTokens, tools, signal)
  const lines = messages.map((message) => `${nameOf(message)}: ${message.text}`)
  return await tools.tasks.keepEpisode(task, {
    // A reply has a place of its own, and stands behind what it answers.
    from: Math.min(...messages.map(({ position }) => position)),
    to: Math.max(...messages.map(({ position }) => position)),
    begunAt: first.saidAt,
    endedAt: last.saidAt,
    gist: keepSupported(readGist(written), lines),
  })
}
