import { expect, it } from 'vitest'
import type { Question } from '../../src/memory/recall.ts'
import { openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { wordsRecall } from '../support/recall.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { startRun, until } from './harness.ts'
import { say } from './person.ts'

/** More than may be inside at once. */
const rooms = Array.from({ length: 12 }, (_, n) => `room${n}`)

it('what is said gets in while many turns wait for a slow embedder', async () => {
  await using opened = await openTestStore(databases[1])
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>()
  let waiting = 0
  const words = wordsRecall(opened.store)
  await using run = await startRun(opened, {
    generator: scriptedGenerator(() => 'Heard.'),
    recall: {
      ...words,
      async recall(audience, { aside = (work) => work(), ...question }: Question, most, signal) {
        waiting++
        await aside(() => slow)
        return await words.recall(audience, question, most, signal)
      },
    },
  })
  // Somebody with nowhere else to be reminded of asks nothing of the embedder.
  await say(run, 'Hello.')
  await run.outcomes('replied')
  for (const room of rooms) await run.event(run.message('Where was I?', room))
  await until(() => expect(waiting).toBe(rooms.length))
  answer()
  await run.outcomes(...Array<'replied'>(rooms.length + 1).fill('replied'))
})
