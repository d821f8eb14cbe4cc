import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandName } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import type { Prompt } from '../../src/core/model.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { type Run, startRun, talk } from './harness.ts'
import { createOracle } from './oracle.ts'

const which = fc.nat(30)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'say' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'overheard' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('edit' as const), which, late: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('redact' as const), which }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      name: fc.constantFrom<CommandName[]>('retry', 'next', 'previous', 'takeback', 'stop'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cross' as const), which }) },
)
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never

/** Of some sentences, so that replies are split, and two of the same prompt differ. */
export function replyTo(lines: readonly string[], call: number): string {
  const mark = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 8)
  return Array.from({ length: 1 + (call % 4) }, (_, index) => `No. ${call} saw ${mark}, part ${index}.`).join(
    ' ',
  )
}
const reply = (prompt: Prompt, call: number) => replyTo(talk(prompt), call)
const limits = { messageChars: 60 }

/** A person who does one step after the other, and whatever they can do to what is there. */
function person(run: Run, room: string) {
  const said: { readonly id: string; edits: number }[] = []
  const base = () => ({ room: run.message('', room).room, sender: run.message('').sender, at: new Date() })
  let events = 0
  return {
    said,
    async take(each: Step): Promise<void> {
      const event = externalId(`${room} event ${events++}`)
      const target = 'which' in each ? said[each.which % Math.max(1, said.length)] : undefined
      switch (each.kind) {
        case 'say':
        case 'overheard': {
          const id = `${room} said ${said.length}`
          said.push({ id, edits: 0 })
          const message = run.message(`word ${said.length - 1}`, room)
          const unanswered = each.kind === 'overheard'
          return await run.event({ ...message, externalId: externalId(id), unanswered })
        }
        case 'edit': {
          if (target === undefined) return
          target.edits++
          const text = `word ${said.indexOf(target)} edit ${target.edits}`
          const edit = { ...base(), kind: 'edit' as const, target: externalId(target.id) }
          // Times that lie apart: the order in which they are made is the one that counts.
          const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
          await run.event({ ...edit, at: at(2 * target.edits), externalId: event, text })
          if (!each.late) return
          const late = { at: at(2 * target.edits - 1), externalId: externalId(`${event} late`) }
          return await run.event({ ...edit, ...late, text: 'an earlier edit that comes late' })
        }
        case 'redact':
          if (target === undefined) return
          await run.event({ ...base(), kind: 'redaction', target: externalId(target.id) })
          // Nothing may bring it back.
          return await run.event({ ...run.message('again', room), externalId: externalId(target.id) })
        case 'command':
          return await run.event({ ...base(), kind: 'command', name: each.name, externalId: event })
        case 'cross': {
          const shown = run.letterbox.visible(room).filter(({ kind }) => kind === 'reply')
          const on = shown[each.which % Math.max(1, shown.length)]
          if (on === undefined) return
          const reaction = { ...base(), kind: 'reaction' as const, emoji: '❌', target: externalId(on.id) }
          await run.event({ ...reaction, externalId: event })
          return await run.event({ ...reaction, externalId: event })
        }
      }
    },
  }
}

const visible = (run: Run, room: string) =>
  run.letterbox
    .visible(room)
    .filter(({ kind }) => kind === 'reply')
    .map(({ text }) => text)
    .join(' ')

describe.each(databases)('whatever is done in a room, over $name', (kind) => {
  let opened: OpenedStore
  let rooms = 0
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('the model sees, and people see, what is due after each step', async () => {
    const generator = scriptedGenerator(reply)
    await using run = await startRun(opened, { generator, limits })
    let calls = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const room = `step by step ${rooms++}`
        const somebody = person(run, room)
        const oracle = createOracle((lines) => replyTo(lines, ++calls))
        // What fails while it is shrunk leaves the count behind.
        calls = generator.prompts.length
        for (const each of steps) {
          const shown = run.letterbox.visible(room).filter(({ kind }) => kind === 'reply')
          const on = each.kind === 'cross' ? shown[each.which % Math.max(1, shown.length)] : undefined
          await somebody.take(each)
          await run.settled()
          if (each.kind === 'say' || each.kind === 'overheard') oracle.say(each.kind === 'say')
          else if (each.kind === 'command') oracle.command(each.name)
          else if (each.kind === 'cross') oracle.takeBackShowing(on?.text)
          else if (somebody.said.length > 0) oracle[each.kind](each.which % somebody.said.length)
          expect(visible(run, room)).toBe(oracle.visible().join(' '))
          expect(generator.prompts).toHaveLength(calls)
        }
      }),
      { numRuns: 20 },
    )
  }, 120_000)

  it('what is shown in the end is what is remembered, and nothing that was redacted is in either', async () => {
    const generator = scriptedGenerator(reply, { paceMs: 3 })
    await using run = await startRun(opened, { generator, limits })
    const pace = fc.constantFrom(0, 0, 0, 5, 30, 80)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, pace), { minLength: 3, maxLength: 20 }), async (steps) => {
        const room = `all at once ${rooms++}`
        const somebody = person(run, room)
        const redacted = new Set<number>()
        for (const [each, pauseMs] of steps) {
          // Who acts does not wait for what comes of it.
          await somebody.take(each)
          if (each.kind === 'redact' && somebody.said.length > 0)
            redacted.add(each.which % somebody.said.length)
          await sleep(pauseMs)
        }
        await run.settled()
        const before = visible(run, room)
        const answers = await answered(run)
        await somebody.take({ kind: 'say' })
        await run.settled()
        const seen = talk(generator.prompts.at(-1)!)
        const lines = (role: string) =>
          seen.flatMap((line) => (line.startsWith(`${role}: `) ? [line.slice(role.length + 2)] : []))
        expect(lines('user')).toEqual(
          somebody.said.flatMap(({ edits }, index) =>
            redacted.has(index) ? [] : [edits === 0 ? `word ${index}` : `word ${index} edit ${edits}`],
          ),
        )
        expect(before).toBe(lines('assistant').join(' '))
        for (const { questions, replies, slots } of answers)
          if (questions === 0) expect({ replies, slots }).toEqual({ replies: 0, slots: 0 })
      }),
      { numRuns: 20 },
    )
  }, 120_000)

  /** For each turn: what is left of what it answers, of its replies, and of what is shown of them. */
  async function answered(run: Run) {
    const account = opened.vault.lookup({ kind: 'account', account: run.adapter.account.id })
    const rows = await query(
      opened.database,
      sql`select
        (select count(*)::integer from messages m where m.room_id = t.room_id and m.author = 'participant'
          and m.addressed and m.content is not null and m.position between t.since and t.until) as questions,
        (select count(*)::integer from messages m where m.turn_id = t.id and m.content is not null) as replies,
        (select count(*)::integer from deliveries d where d.turn_id = t.id and d.removed_at is null) as slots
        from turns t where account = ${account}`,
    )
    return rows as { questions: number; replies: number; slots: number }[]
  }
})
