import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator, scriptedModel } from '../support/scripted-generator.ts'
import { startRun } from './harness.ts'
import { say } from './person.ts'

let opened: OpenedStore
beforeAll(async () => {
  opened = await openTestStore(databases[1])
})
afterAll(() => opened?.[Symbol.asyncDispose]())

it('a reply begins with what it was given, and nothing after that is no reply', async () => {
  const info = { ...scriptedModel, continues: true }
  const generator = scriptedGenerator((_, call) => (call === 1 ? ' and sits down.' : ''), { info })
  const persona = { ...testPersona, prefill: '*{{char}} nods*' }
  await using run = await startRun(opened, { generator, persona })
  await say(run, 'Hello.')
  await run.outcomes('replied')
  expect(run.seen()).toEqual(['reply: *Wren nods* and sits down.'])
  await say(run, 'And?')
  await run.outcomes('replied', 'failed')
  expect(generator.prompts[1]?.slice(1, 4).map(({ text }) => text)).toEqual([
    'Hello.',
    '*Wren nods* and sits down.',
    'And?',
  ])
})

it('several who are there are told apart, and the reply ends before any of them would speak', async () => {
  const generator = scriptedGenerator(() => 'Heard.')
  await using run = await startRun(opened, { generator })
  for (const name of ['Ada', 'Bob', 'Ada']) {
    const message = run.message(`I am ${name}.`)
    const room = { ...message.room, kind: 'group' } as const
    const externalId = `${name} ${generator.prompts.length}` as typeof message.sender.externalId
    await run.event({ ...message, room, sender: { externalId, displayName: name } })
    await run.settled()
  }
  expect(generator.options.at(-1)?.stop).toEqual(['\nAda:', '\nBob:', '\nAda (2):'])
  expect(generator.prompts.at(-1)?.filter(({ role }) => role === 'user')).toEqual(
    ['Ada: I am Ada.', 'Bob: I am Bob.', 'Ada (2): I am Ada.'].map((text) => ({ role: 'user', text })),
  )
})
