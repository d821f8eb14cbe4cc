import type { Episode, MemoryTask, TalkMessage } from '../core/memory.ts'
import { gistPrompt, gistTokens, readGist } from '../memory/gist.ts'
import { type Stretch, stretchesOf, messagesMost as stretchMost } from '../memory/stretches.ts'
import { keepSupported } from '../memory/supported.ts'
import { ask } from './ask.ts'
import { attempt, isHalved, isLastTry, partOf, Stumble } from './stumble.ts'
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
  for (let progress: Progress = 'done'; ; progress = isHalved(task) ? 'more' : 'done') {
    const runs = await tools.tasks.readUncovered(task, messagesMost)
    const stretches = runs.flatMap((run) => stretchesOf(run, tools.now()))
    const closed = stretches.filter((stretch) => stretch.closed)
    for (const messages of closed.flatMap((stretch) => partsOf(stretch, partOf(stretchMost, task)))) {
      if (!steps.take()) return 'more'
      const gist = await attempt(() => makeGist(messages, task, tools, signal), task, tools, signal)
      if (!(gist instanceof Stumble)) {
        if (!(await tools.tasks.keepEpisode(task, episodeOf(messages, gist)))) return 'changed'
        continue
      }
      if (!isLastTry(task, messages.length)) throw gist
      const { reason } = gist
      if (!(await tools.tasks.keepEpisode(task, episodeOf(messages, ''), reason))) return 'changed'
      tools.observe({ kind: 'passed-over', what: 'stretch', reason })
      return 'more'
    }
    const read = runs.reduce((sum, run) => sum + run.length, 0)
    if (closed.length === 0) return progress
    if (read < messagesMost) return isHalved(task) ? 'more' : 'done'
  }
}

type Messages = readonly [TalkMessage, ...TalkMessage[]]

function partsOf({ messages }: Stretch, most: number): readonly Messages[] {
  const parts: Messages[] = []
  for (let at = 0; at < messages.length; at += most) {
    const [first, ...others] = messages.slice(at, at + most)
    if (first !== undefined) parts.push([first, ...others])
  }
  return parts
}

async function makeGist(
  messages: Messages,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<string> {
  const nameOf = ({ author }: TalkMessage) =>
    author.kind === 'participant' ? author.displayName : (tools.personas.get(author.id)?.name ?? author.id)
  const written = await ask(gistPrompt(messages, nameOf), task, gistTokens, tools, signal)
  const lines = messages.map((message) => `${nameOf(message)}: ${message.text}`)
  return keepSupported(readGist(written), lines)
}

function episodeOf(messages: Messages, gist: string): Episode {
  const [first] = messages
  // A reply has a place of its own, and stands behind what it answers.
  return {
    from: Math.min(...messages.map(({ position }) => position)),
    to: Math.max(...messages.map(({ position }) => position)),
    begunAt: first.saidAt,
    endedAt: (messages.at(-1) ?? first).saidAt,
    gist,
  }
}
