import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { modelError } from '../../src/core/errors.ts'
import type { Prompt } from '../../src/core/model.ts'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import type { JobEvent } from '../../src/jobs/tools.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { wordsRecall } from '../support/recall.ts'
import { type ScriptedGenerator, scriptedGenerator } from '../support/scripted-generator.ts'
import { due, gistsAsked, isGist, place, reader, remember } from './background.ts'

describe.each(databases)(
  'what is made where the model makes nothing of what somebody says, over $name',
  (kind) => {
    let opened: OpenedStore
    beforeAll(async () => {
      opened = await openTestStore(kind)
    })
    afterAll(() => opened?.[Symbol.asyncDispose]())

    /** Ends the waits before something is tried again; a worker's lease is longer than any of them. */
    const hurry = () =>
      opened.database.drizzle.execute(
        sql`update rooms set remember_lease = clock_timestamp() where remember_lease < clock_timestamp() + interval '9 minutes'`,
      )

    const facts = { 'I live in Linz': 'Ada lives in Linz', 'I have a cat': 'Ada has a cat' }
    const fails = () => {
      throw modelError('It failed.', { code: 'model-failed', retryable: true })
    }
    const isPoisoned = (prompt: Prompt) => prompt.some(({ text }) => text.includes('poison'))

    /** As `work`, without the waits. */
    async function workOn(generator: ScriptedGenerator, tries = 200): Promise<readonly JobEvent[]> {
      const events: JobEvent[] = []
      await using _ = startJobs({
        tasks: opened.store.tasks,
        generator,
        recall: wordsRecall(opened.store),
        personas: new Map(),
        contextTokens: 4_096,
        now: () => new Date(),
        restMs: 0,
        observe: (event) => events.push(event),
      })
      await vi.waitFor(
        async () => {
          await hurry()
          const done = (await query(opened.database, due))[0]?.count === 0
          expect(done || events.length >= tries).toBe(true)
        },
        { timeout: 20_000, interval: 20 },
      )
      return events
    }

    it('is everything but that, which is counted by its reason', async () => {
      const here = place(opened)
      const lines = [
        'I live in Linz.',
        'This is poison to it.',
        'I have a cat.',
        'It is called Tom, you know.',
      ]
      await here.talk(30, ...lines)
      const asked = reader(facts)
      const generator: ScriptedGenerator = {
        ...asked,
        async *generate(...args) {
          if (isPoisoned(args[0])) fails()
          yield* asked.generate(...args)
        },
      }
      const events = await workOn(generator)
      expect(await here.facts()).toEqual(['1 Ada lives in Linz', '2 Ada has a cat'])
      expect(events.filter(({ kind }) => kind === 'passed-over')).toEqual([
        { kind: 'passed-over', what: 'message', reason: 'model-failed' },
        { kind: 'passed-over', what: 'stretch', reason: 'model-failed' },
      ])
      expect((await opened.store.countMemories()).passedOver).toEqual(new Map([['model-failed', 2]]))
      expect(gistsAsked(asked).flat()).toEqual(
        expect.arrayContaining(['Ada: I live in Linz.', 'Ada: I have a cat.']),
      )
      // What has changed is tried again.
      await here.edit(here.second(), 'I live in Graz now.', here.sender)
      await remember(opened, reader({ ...facts, 'I live in Graz now': 'Ada lives in Graz now' }))
      expect(await here.facts()).toContain('3 Ada lives in Graz now')
      expect((await opened.store.countMemories()).passedOver.size).toBe(0)
    })

    it('is everything but what gives rubbish each time', async () => {
      const here = place(opened)
      await here.talk(30, 'I live in Linz.', 'This is poison to it.')
      const asked = reader(facts)
      const generator = scriptedGenerator((prompt) => {
        if (isPoisoned(prompt) && !isGist(prompt)) return 'Let us speak of something else.'
        return asked.script(prompt)
      })
      const events = await workOn(generator)
      expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
      expect(events).toContainEqual({ kind: 'passed-over', what: 'message', reason: 'unreadable' })
    })

    it('waits for a model that is away, for as long as it is', async () => {
      const here = place(opened)
      await here.talk(30, 'I live in Linz.')
      const events = await workOn(scriptedGenerator(fails), 3)
      expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['failed']))
      await hurry()
      await remember(opened, reader(facts))
      expect(await here.facts()).toEqual(['1 Ada lives in Linz'])
    })
  },
)
