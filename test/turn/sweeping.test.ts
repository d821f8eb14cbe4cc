import { afterEach, expect, it, vi } from 'vitest'
import { openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { wordsRecall } from '../support/recall.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { startRun } from './harness.ts'

afterEach(() => vi.useRealTimers())

it('what is kept opened is gone through once a minute while the engine runs', async () => {
  await using opened = await openTestStore(databases[1])
  const swept: string[] = []
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  {
    await using _ = await startRun(opened, {
      generator: scriptedGenerator(() => ''),
      recall: { ...wordsRecall(opened.store), sweep: () => swept.push('recall') },
      store: (store) => ({ ...store, sweep: () => swept.push('store') }),
    })
    vi.advanceTimersByTime(120_000)
  }
  vi.advanceTimersByTime(120_000)
  expect(swept).toEqual(['recall', 'store', 'recall', 'store'])
})
