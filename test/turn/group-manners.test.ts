import { afterAll, beforeAll, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import type { Persona } from '../../src/core/persona.ts'
import { heardInGroup } from '../../src/turn/circle.ts'
import { type OpenedStore, openTestStore, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { handGenerator, startRun, until } from './harness.ts'

let opened: OpenedStore
beforeAll(async () => {
  opened = await openTestStore(databases[0])
})
afterAll(() => opened?.[Symbol.asyncDispose]())

it('who rests in a group, as was set there, is not asked whether they feel like it', async () => {
  const here = scene(opened, 'group')
  const persona: Persona = { ...testPersona, id: here.doorway.persona, manners: { talkativeness: 1 } }
  const { manners } = opened.store
  let reads = 0
  const tools = {
    ...opened.store,
    manners: {
      ...manners,
      read: (...of: Parameters<typeof manners.read>) => {
        reads++
        return manners.read(...of)
      },
    },
    personas: new Map([[persona.id, persona]]),
    settleMs: 0,
    personaTurnsMost: 3,
    now: () => new Date(),
  }
  const hear = async (text: string) => {
    const event = { ...here.message(text), unanswered: true, toAll: true }
    const acceptance = await opened.store.inbox.accept(here.doorway, event, 0)
    await heardInGroup(event, here.doorway, acceptance, tools)
    return acceptance
  }
  const asked = () => opened.store.queue.claim(here.worker, [here.doorway.account], [persona.id], 10, 60_000)
  const { room } = await hear('Good evening.')
  const [turn] = await asked()
  expect(reads).toBe(1)
  await opened.store.queue.close(turn!, 'stopped')
  await opened.store.manners.change(room, persona.id, { rest: '00:00-23:59' })
  await hear('Nice evening.')
  expect(await asked()).toEqual([])
})

it('a greeting stays where its persona has none any more', async () => {
  await using run = await startRun(opened, {
    generator: handGenerator(),
    persona: { ...testPersona, greetings: ['Hello.'] },
  })
  const { room, sender } = run.message('x', 'greeted')
  await run.event({ kind: 'membership', change: 'joined', room, sender, at: new Date() })
  await until(() => expect(run.seen('greeted')).toEqual(['reply: Hello.']))
  run.personas.set(testPersona.id, { ...testPersona, greetings: [] })
  const again = { kind: 'command', name: 'retry', room, sender, at: new Date() } as const
  await run.event({ ...again, externalId: externalId('another greeting') })
  await run.outcomes('replied', 'stopped')
  expect(run.seen('greeted')).toEqual(['reply: Hello.'])
})
