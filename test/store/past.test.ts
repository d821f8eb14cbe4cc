import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Turn } from '../../src/core/conversation.ts'
import { diceFor } from '../../src/core/dice.ts'
import type { PastCounts } from '../../src/core/made.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { madeOf, type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

let opened: OpenedStore
beforeAll(async () => {
  opened = await openTestStore(databases[1])
})
afterAll(() => opened?.[Symbol.asyncDispose]())

/** What stands in the room before a turn, asked of everything that was ever said there. */
async function countAll(turn: Turn): Promise<PastCounts> {
  const [row] = await query(
    opened.database,
    sql`select count(*)::integer as messages, count(persona)::integer as replies from messages
      where room_id = ${turn.room.id} and chosen and content is not null and turn_id is distinct from ${turn.id}
        and anchor <= ${turn.history.until}`,
  )
  return row as unknown as PastCounts
}

it('a room is counted on from the last reply, as if it had been counted whole, however the talk goes', async () => {
  const here = scene(opened)
  const { queue, history } = opened.store
  const dice = (n: number, what: string) => diceFor('past', what, String(n))
  for (let n = 0; n < 40; n++) {
    for (let said = 0; said <= dice(n, 'said') * 3; said++) await here.say(`${n} ${said}`)
    const turn = await here.claim()
    const { counts, lore } = await history.readPast(turn)
    expect(counts).toEqual(await countAll(turn))
    if (counts.replies > 0 && n % 7 !== 1) expect(lore).not.toEqual({})
    // What comes in meanwhile is the next turn's.
    await queue.show(turn)
    if (dice(n, 'meanwhile') < 0.3) await here.say(`${n} meanwhile`)
    // Some replies were made before lore asked.
    const made = madeOf(turn, n % 7 === 0 ? undefined : counts)
    expect(await queue.answer(turn, { ...reply('Heard.'), made })).toBe(true)
    await queue.close(turn, 'replied')
    if (dice(n, 'again') < 0.2) await here.retry()
    else if (dice(n, 'back') < 0.2 && (await here.command('takeback')) === 'taken-back') {
      const back = await here.tryClaim()
      if (back !== undefined) await queue.close(back, 'withdrawn')
    }
  }
})

it('what was counted stays so, when something old is taken away', async () => {
  const here = scene(opened)
  const { queue, history } = opened.store
  const talk = async (...said: readonly string[]) => {
    for (const id of said) await here.say(id, { id })
    const turn = await here.claim()
    const { counts } = await history.readPast(turn)
    await queue.answer(turn, { ...reply('Heard.'), made: madeOf(turn, { ...counts, greeting: 1 }) })
    await queue.close(turn, 'replied')
    return counts
  }
  expect(await talk('first', 'beside it')).toEqual({ messages: 2, replies: 0 })
  expect(await talk('second')).toEqual({ messages: 4, replies: 1, greeting: 1 })
  await here.redact('first')
  expect(await talk('third')).toEqual({ messages: 6, replies: 2, greeting: 1 })
})
