import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/store/store.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, reply, scene } from './harness.ts'

/** `here`: by the process that keeps what it knows, rather than by another one. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('say' as const), bob: fc.boolean(), here: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('edit' as const, 'redact' as const), which: fc.nat(20) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), here: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), here: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'retry' as const }) },
)

/** What was read or written before is taken from memory: it must be what a process reads that knows nothing. */
describe.each(databases)('the known history over $name', (kind) => {
  let opened: OpenedStore
  let elsewhere: Store
  beforeAll(async () => {
    opened = await openTestStore(kind)
    elsewhere = await openStore(opened.database, opened.vault)
  })
  afterAll(async () => {
    await elsewhere?.[Symbol.asyncDispose]()
    await opened?.[Symbol.asyncDispose]()
  })

  it('is what a new process reads, whatever was said, edited, redacted, retried and cut in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
        const scenery = scene(opened, 'group')
        const store = (here: boolean) => (here ? opened.store : elsewhere)
        const said: string[] = []
        const say = async (byBob: boolean, here: boolean) => {
          const id = `${scenery.doorway.account}-${said.length}`
          said.push(id)
          const message = scenery.message(`text ${said.length}`, { id, sender: byBob ? bob : ada })
          await store(here).inbox.accept(scenery.doorway, message, 0)
        }
        const compare = async () => {
          const turn = await scenery.tryClaim()
          if (turn === undefined) return undefined
          await using fresh = await openStore(opened.database, opened.vault)
          const expected = await fresh.history.read(turn)
          expect(await opened.store.history.read(turn)).toEqual(expected)
          expect(await elsewhere.history.read(turn)).toEqual(expected)
          return { turn, last: expected.messages.at(-1)?.anchor ?? 0 }
        }
        await say(false, true)
        for (const each of steps) {
          if (each.kind === 'say') await say(each.bob, each.here)
          else if ('which' in each) {
            const target = said[each.which % said.length]!
            if (each.kind === 'edit') await scenery.edit(target, `edited ${each.which}`)
            else await scenery.redact(target)
          } else if (each.kind === 'retry') await scenery.retry()
          else {
            const claimed = await compare()
            if (claimed === undefined) continue
            const { turn, last } = claimed
            const { queue } = store(each.here)
            await queue.answer(turn, reply(`reply ${turn.swipe}`, each.kind === 'cut' ? last : 0))
            await queue.close(turn, 'replied')
          }
        }
        await say(true, true)
        await compare()
      }),
      { numRuns: 20 },
    )
  }, 120_000)
})
