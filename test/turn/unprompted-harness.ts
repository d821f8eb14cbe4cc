import type { NewKnock } from '../../src/core/knock.ts'
import type { OpenedStore } from '../store/harness.ts'
import { testPersona } from '../support/persona.ts'
import { type Call, handGenerator, type Run, type RunOptions, startRun } from './harness.ts'
import { base } from './person.ts'

/** A Wednesday, noon in Vienna. */
export const noon = new Date('2026-03-04T11:00:00Z')
const hourMs = 60 * 60_000
export const after = (hours: number) => new Date(noon.getTime() + hours * hourMs)

export const finish = (call: Call, text: string) => {
  call.say(text)
  call.end()
}

export const errand = (text: string, at: Date): NewKnock => ({
  kind: 'errand',
  dueAt: at,
  content: { text, at, language: 'en' },
})

export const ask = async (run: Run, text: string, at = noon) => {
  const message = { ...run.message(text), at }
  await run.event(message)
  return message
}

export const unprompted = (run: Run, text: string) =>
  run.event({ ...base(run), kind: 'command', name: 'unprompted', text })

/** At noon, with a persona that may write first. */
export async function startAtNoon(opened: OpenedStore, options: Partial<RunOptions> = {}) {
  const clock = { now: noon }
  const generator = handGenerator()
  const run = await startRun(opened, { generator, now: () => clock.now, ...options })
  const { id: account, platform } = run.adapter.account
  const find = () => opened.store.book.find({ account, platform, persona: testPersona.id }, base(run))
  await opened.store.book.setOn(await find(), true)
  return {
    run,
    generator,
    clock,
    place: find,
    plan: async (...knocks: readonly NewKnock[]) => {
      for (const knock of knocks) await opened.store.book.add(await find(), knock)
    },
    waiting: async () => await opened.store.book.list((await find()).person),
    /** The times of the poll. */
    looks: () => new Promise((resolve) => setTimeout(resolve, 2_300)),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  }
}
