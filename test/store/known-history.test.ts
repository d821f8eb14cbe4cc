import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { databases } from '../support/databases.ts'
import { bob, type OpenedStore, openTestStore, reply, scene } from './harness.ts'

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('say' as const), other: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('edit' as const, 'redact' as const), which: fc.nat(20) }),
  },
  { weight: 5, arbitrary: fc.constant({ kind: 'answer' as const }) },
  { weight: 2, arbitrary: fc.constantFrom({ kind: 'retry' as const }, { kind: 'cut' as const }) },
)

/** What was read before is read again from memory: it must be what a process reads that knows nothing. */
describe.each(databases)('the known history over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is what a new process reads, whatever was said, edited, redacted, retried and cut in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
        const here = scene(opened, 'group')
        const { queue, history } = opened.store
        const said: string[] = []
        const say = async (other: boolean) => {
          const id = `${here.doorway.account}-${said.length}`
          said.push(id)
          await here.say(`text ${said.length}`, { id, ...(other && { sender: bob }) })
        }
        const compare = async () => {
          const turn = await here.tryClaim()
          if (turn === undefined) return undefined
          await using fresh = await openStore(opened.database, opened.vault)
          const known = await history.read(turn)
          expect(known).toEqual(await fresh.history.read(turn))
          return { turn, known }
        }
        await say(false)
        for (const each of steps) {
          if (each.kind === 'say') await say(each.other)
          else if (each.kind === 'edit')
            await here.edit(said[each.which % said.length]!, `edited ${each.which}`)
          else if (each.kind === 'redact') await here.redact(said[each.which % said.length]!)
          else if (each.kind === 'retry') await here.retry()
          else {
            const claimed = await compare()
            if (claimed === undefined) continue
            const { turn, known } = claimed
            const from = each.kind === 'cut' ? (known.messages.at(-1)?.anchor ?? 0) : 0
            await queue.answer(turn, reply(`reply ${turn.swipe}`, from))
            await queue.close(turn, 'replied')
          }
        }
        await say(true)
        await compare()
      }),
      { numRuns: 40 },
    )
  })
})
