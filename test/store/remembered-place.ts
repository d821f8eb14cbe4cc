import { expect } from 'vitest'
import type { FactContent } from '../../src/core/fact.ts'
import { externalId, type FactId, factId, type MessageId, newUuid } from '../../src/core/ids.ts'
import type { MemoryTask } from '../../src/core/memory.ts'
import { type OpenedStore, scene } from './harness.ts'

export const content = (statement: string): FactContent => ({
  statement,
  about: { kind: 'speaker' },
  kind: 'attribute',
  quote: statement,
  saidAt: new Date('2026-03-02T12:00:00Z'),
  validFrom: '2026-03',
  validTo: undefined,
  importance: 2,
  sensitivity: 'none',
})

/** A room with somebody who is nowhere else. */
export function place(opened: OpenedStore, kindOfRoom: 'direct' | 'group' = 'direct') {
  const { tasks, own } = opened.store
  const here = scene(opened, kindOfRoom)
  const sender = { externalId: externalId(`ada of ${here.doorway.account}`), displayName: 'Ada' }
  const self = {
    ...here,
    claimTurn: here.claim,
    sender,
    say: (text: string, id?: string) => here.say(text, { sender, ...(id !== undefined && { id }) }),
    async find() {
      const found = await own.find(here.doorway, { sender, room: here.room })
      if (found === undefined) throw new Error('Nobody is there.')
      return found
    },
    /** Tests share a database, and whoever claims gets what waits longest. */
    async claim(): Promise<MemoryTask> {
      const { room } = await self.find()
      for (;;) {
        const task = await tasks.claim(0, 60_000)
        if (task === undefined) throw new Error('There is nothing to do.')
        if (task.room === room.id) return task
        await tasks.putBack(task, 600_000)
      }
    },
    async keep(
      task: MemoryTask,
      statement: string,
      sources: readonly MessageId[],
      supersedes: readonly FactId[] = [],
    ) {
      const { person } = await self.find()
      const id = factId(newUuid())
      const change = { kind: 'add', id, content: content(statement), sources, supersedes } as const
      return await tasks.keepFacts(task, sources, [{ person, changes: [change] }])
    },
    /** Makes a fact of all that is new. */
    async learn(statement: string, supersedes: readonly FactId[] = []) {
      const task = await self.claim()
      const { fresh } = await tasks.readNew(task, 100)
      expect(await self.keep(task, statement, [...fresh], supersedes)).toBe(true)
      await tasks.close(task, undefined)
      return await self.fact(statement)
    },
    facts: async () => own.readFacts((await self.find()).person),
    async fact(statement: string) {
      const found = (await self.facts()).find((each) => each.statement === statement)
      if (found === undefined) throw new Error(`Nothing is known of ${statement}.`)
      return found
    },
    known: async () =>
      (await self.facts()).map(({ statement, superseded }) => (superseded ? `(${statement})` : statement)),
    fresh: async () => {
      const task = await self.claim()
      const { fresh, messages } = await tasks.readNew(task, 100)
      await tasks.putBack(task, 0)
      return messages.filter(({ id }) => fresh.has(id)).map(({ text }) => text)
    },
  }
  return self
}
