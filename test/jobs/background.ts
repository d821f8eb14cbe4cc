import { expect, vi } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import type { Prompt } from '../../src/core/model.ts'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import type { JobEvent } from '../../src/jobs/tools.ts'
import type { Recall } from '../../src/memory/recall.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, query, scene } from '../store/harness.ts'
import { wordsRecall } from '../support/recall.ts'
import { type ScriptedGenerator, scriptedGenerator } from '../support/scripted-generator.ts'

export const hourMs = 3_600_000

/** A room with somebody who is nowhere else. */
export function place(opened: OpenedStore) {
  const here = scene(opened)
  const sender = { externalId: externalId(`ada of ${here.doorway.account}`), displayName: 'Ada' }
  const said: string[] = []
  const own = async () => {
    const found = await opened.store.own.find(here.doorway, { sender, room: here.room })
    if (found === undefined) throw new Error('Nobody is there.')
    return found
  }
  return {
    ...here,
    sender,
    own,
    first: () => said[0] ?? '',
    second: () => said[1] ?? '',
    /** Says it so long ago. */
    async talk(hoursAgo: number, ...lines: readonly string[]) {
      for (const text of lines) {
        const at = new Date(Date.now() - hoursAgo * hourMs)
        const message = here.message(text, { sender })
        said.push(message.externalId)
        await opened.store.inbox.accept(here.doorway, { ...message, at }, 0)
      }
    },
    facts: async () =>
      (await opened.store.own.readFacts((await own()).person)).map(({ number, statement, superseded }) =>
        superseded ? `(${number} ${statement})` : `${number} ${statement}`,
      ),
  }
}

export const isGist = (prompt: Prompt) => prompt[1]?.text.startsWith('<conversation>') === true
export const gistsAsked = ({ prompts }: ScriptedGenerator) =>
  prompts.filter(isGist).map((prompt) => prompt[1]?.text.split('\n').slice(1, -1))

/** Says of each message what the script says; and of each stretch of talk that it was one. */
export const reader = (facts: Readonly<Record<string, string>> = {}) => {
  const script = (prompt: Prompt) => {
    if (isGist(prompt)) return 'They talked.'
    const asked = prompt.at(-1)?.text ?? ''
    const found = Object.entries(facts).flatMap(([quote, statement]) => {
      const message = Number(new RegExp(`\\[(\\d+)\\] [^\\n]*${quote}`).exec(asked)?.[1])
      return Number.isNaN(message)
        ? []
        : [{ message, quote, statement, kind: 'attribute', importance: 2, sensitivity: 'none' }]
    })
    return JSON.stringify({ facts: found })
  }
  return { ...scriptedGenerator(script), script }
}

/** Works until nothing is left to do. */
export async function remember(
  opened: OpenedStore,
  generator: ScriptedGenerator,
  now?: Date,
): Promise<readonly JobEvent[]> {
  const events = await work(opened, generator, wordsRecall(opened.store), now)
  expect(events.filter((event) => event.kind === 'failed')).toEqual([])
  return events
}

export async function work(
  opened: OpenedStore,
  generator: ScriptedGenerator,
  recall: Pick<Recall, 'embedMissing'>,
  now?: Date,
): Promise<readonly JobEvent[]> {
  const events: JobEvent[] = []
  await using _ = startJobs({
    tasks: opened.store.tasks,
    generator,
    recall,
    personas: new Map(),
    contextTokens: 4_096,
    now: () => now ?? new Date(),
    restMs: 0,
    observe: (event) => events.push(event),
  })
  await vi.waitFor(async () => expect(await query(opened.database, due)).toEqual([{ count: 0 }]), {
    timeout: 10_000,
    interval: 10,
  })
  return events
}

export const due = sql`select count(*)::int as count from rooms where remember_at <= clock_timestamp()`
