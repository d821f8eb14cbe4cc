import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type JobEvent, startJobs } from '../../src/jobs/start-jobs.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { type ScriptedGenerator, scriptedGenerator } from '../support/scripted-generator.ts'

const hourMs = 3_600_000

describe.each(databases)('episodes and summaries over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** Says it so long ago. */
  async function talk(here: ReturnType<typeof scene>, hoursAgo: number, ...lines: readonly string[]) {
    const ids: string[] = []
    for (const text of lines) {
      const event = { ...here.message(text), at: new Date(Date.now() - hoursAgo * hourMs) }
      ids.push(event.externalId)
      await opened.store.inbox.accept(here.doorway, event, 0)
    }
    return ids
  }
  /** Works until nothing is left to do. */
  async function remember(generator: ScriptedGenerator): Promise<readonly JobEvent[]> {
    const events: JobEvent[] = []
    await using _ = startJobs({
      tasks: opened.store.tasks,
      generator,
      personas: new Map(),
      contextTokens: 4_096,
      now: () => new Date(),
      restMs: 0,
      observe: (event) => events.push(event),
    })
    await vi.waitFor(() => expect(events.at(-1)?.kind).toBe('remembered'), { timeout: 10_000, interval: 10 })
    return events
  }
  const gists = async () =>
    (await query(opened.database, sql`select count(*)::int as count from episodes`))[0]?.count
  const due = async () =>
    (
      await query(opened.database, sql`select count(*)::int as count from rooms where remember_at <= now()`)
    )[0]?.count

  it('are written of what has ended, and not of what may go on', async () => {
    const here = scene(opened)
    await talk(here, 30, 'My sister marries in May.', 'In Graz.')
    await talk(here, 8, 'I have bought the ring.')
    await talk(here, 0, 'Good morning.')
    const asked = scriptedGenerator(() => 'Ada told of a wedding.')
    await remember(asked)
    expect(await gists()).toBe(2)
    expect(asked.prompts.map((prompt) => prompt[1]?.text)).toEqual([
      expect.stringContaining('Ada: My sister marries in May.\nAda: In Graz.'),
      expect.stringContaining('Ada: I have bought the ring.'),
    ])
    expect(asked.options[0]).toMatchObject({ priority: 'job' })
    expect(await due()).toBe(0)
  })
})
